import {
  newList,
  bigintText,
  bufferLength,
  dateText,
  dateTime,
  findText,
  functionText,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  has,
  isArray,
  join,
  mapForEach,
  mapSize,
  ownKeys,
  push,
  regExpText,
  SafeSet,
  setAdd,
  setDelete,
  setForEach,
  setHas,
  setSize,
  startsWith,
  symbolText,
  testPattern,
  toText,
  typedArrayLength,
  typedArrayName,
} from "../intrinsics.ts";
import { promiseResult, promiseState } from "../native.ts";
import { LINE, columns, lines } from "./layout.ts";
import { isError, errorText } from "./error-text.ts";
import { quote } from "./quote.ts";
import { typeName } from "./type-name.ts";
import { safely } from "./safely.ts";

export interface InspectOptions {
  /** Levels below the value; node's default is 2. */
  readonly depth: number;
}

const MAX_ITEMS = 100;
const MAX_TEXT = 1_000_000;

/** The text form that `console.log` shows, close to node's `util.inspect`. Runs getters of proxies only. */
export function inspect(value: unknown, options: InspectOptions = { depth: 2 }): string {
  return new Inspection(options.depth).show(value, 0);
}

const objectPrototype = Object.prototype;

class Inspection {
  readonly depth: number;
  readonly above: Set<unknown> = new SafeSet<unknown>();
  spent = 0;
  /** Level of the container that was begun last. */
  current = 0;

  constructor(depth: number) {
    this.depth = depth;
  }

  show(value: unknown, level: number): string {
    switch (typeof value) {
      case "string":
        return quote(value);
      case "number":
        return value === 0 && 1 / value < 0 ? "-0" : toText(value);
      case "bigint":
        return `${bigintText(value)}n`;
      case "symbol":
        return symbolText(value);
      case "function":
        return this.showFunction(value, level);
      case "object":
        return value === null ? "null" : this.showObject(value, level);
      default:
        return toText(value);
    }
  }

  showFunction(value: object, level: number): string {
    const isClass = startsWith(
      safely(() => functionText(value as () => void), ""),
      "class",
    );
    const name = getOwnPropertyDescriptor(value, "name")?.value as unknown;
    const kind = isClass ? "class" : typeName(value);
    const title =
      typeof name === "string" && name !== "" ? `${kind}${isClass ? " " : ": "}${name}` : `${kind} (anonymous)`;
    const properties = this.properties(
      value,
      level,
      (key) => key === "prototype" || key === "name" || key === "length",
    );
    return properties.length === 0 ? `[${title}]` : this.wrap(`[${title}] {`, properties, "}", level);
  }

  showObject(value: object, level: number): string {
    if (setHas(this.above, value)) return "[Circular]";
    if (this.spent > MAX_TEXT) return "…";
    const name = typeName(value);
    const prototype = getPrototypeOf(value);
    // The probes below throw for what they are not made for, and an error costs the depth of the stack: data comes first.
    if (isArray(value) || prototype === objectPrototype || prototype === null)
      return this.showNested(value, name, level);
    if (has(dateTime, value)) return dateTime(value) === dateTime(value) ? dateText(value) : "Invalid Date";
    if (name === "RegExp") return safely(() => regExpText(value as RegExp), "[RegExp]");
    if (isError(value)) return this.showError(value, level);
    return this.showNested(value, name, level);
  }

  showNested(value: object, name: string, level: number): string {
    if (level > this.depth) return isArray(value) ? "[Array]" : `[${name}]`;
    setAdd(this.above, value);
    const text = this.showContainer(value, name, level);
    setDelete(this.above, value);
    this.spent += text.length;
    return text;
  }

  showContainer(value: object, name: string, level: number): string {
    this.current = level;
    if (isArray(value))
      return this.showList(
        value as unknown[],
        value.length,
        name === "Array" ? "[" : `${name}(${value.length}) [`,
        level,
        true,
      );
    const prototype = getPrototypeOf(value);
    if (prototype === objectPrototype || prototype === null)
      return this.showProperties(value, name, prototype === null, level);
    const typed = typedArrayName(value);
    if (typed !== undefined)
      return this.showList(
        value as ArrayLike<unknown>,
        typedArrayLength(value),
        `${typed}(${typedArrayLength(value)}) [`,
        level,
        false,
      );
    if (has(bufferLength, value)) return `ArrayBuffer { byteLength: ${bufferLength(value)} }`;
    const items = newList<string>();
    if (has(mapSize, value)) {
      mapForEach(value as Map<unknown, unknown>, (item, key) => {
        if (items.length < MAX_ITEMS) push(items, `${this.show(key, level + 1)} => ${this.show(item, level + 1)}`);
      });
      return this.wrap(
        `${name}(${mapSize(value as Map<unknown, unknown>)}) {`,
        this.more(items, mapSize(value as Map<unknown, unknown>)),
        "}",
        level,
      );
    }
    if (has(setSize, value)) {
      setForEach(value as Set<unknown>, (item) => {
        if (items.length < MAX_ITEMS) push(items, this.show(item, level + 1));
      });
      return this.wrap(
        `${name}(${setSize(value as Set<unknown>)}) {`,
        this.more(items, setSize(value as Set<unknown>)),
        "}",
        level,
      );
    }
    const state = promiseState(value);
    if (state >= 0) {
      const content =
        state === 0 ? "<pending>" : `${state === 2 ? "<rejected> " : ""}${this.show(promiseResult(value), level + 1)}`;
      return this.wrap("Promise {", [content], "}", level);
    }
    return this.showProperties(value, name, false, level);
  }

  showProperties(value: object, name: string, bare: boolean, level: number): string {
    const properties = this.properties(value, level, () => false);
    const prefix = bare ? "[Object: null prototype] " : name === "Object" ? "" : `${name} `;
    return properties.length === 0 ? `${prefix}{}` : this.wrap(`${prefix}{`, properties, "}", level);
  }

  showList(list: ArrayLike<unknown>, length: number, open: string, level: number, holes: boolean): string {
    const items = newList<string>();
    let empty = 0;
    let at = 0;
    for (; at < length && items.length < MAX_ITEMS && this.spent <= MAX_TEXT; at++) {
      if (holes && getOwnPropertyDescriptor(list, at) === undefined) {
        empty++;
        // A long run of holes is not worth walking one by one.
        if (empty > 1_000) {
          empty += length - at - 1;
          at = length;
          break;
        }
        continue;
      }
      if (empty > 0) push(items, `<${empty} empty item${empty > 1 ? "s" : ""}>`);
      empty = 0;
      push(items, this.show(list[at], level + 1));
    }
    if (empty > 0) push(items, `<${empty} empty item${empty > 1 ? "s" : ""}>`);
    if (at < length) push(items, `... ${length - at} more item${length - at > 1 ? "s" : ""}`);
    if (isArray(list)) {
      const extra = this.properties(list, level, (key) => typeof key === "string" && testPattern(/^\d+$/, key));
      for (let index = 0; index < extra.length; index++) push(items, extra[index]);
    }
    // As node does: the note on the rest is not part of the columns.
    const shown = at < length ? items.length - 1 : items.length;
    if (items.length > 6 && items.length <= MAX_ITEMS + 1) {
      const rows = columns(items, shown, allNumbers(list, at), level);
      if (rows !== undefined) return lines(open, rows, "]", level);
    }
    return items.length === 0 ? `${open}]` : this.wrap(open, items, "]", level);
  }

  properties(value: object, level: number, skip: (key: PropertyKey) => boolean): string[] {
    const result = newList<string>();
    const names = ownKeys(value);
    for (let index = 0; index < names.length; index++) {
      const key = names[index] as PropertyKey;
      if (skip(key)) continue;
      const found = getOwnPropertyDescriptor(value, key);
      if (found === undefined || found.enumerable !== true) continue;
      if (result.length >= MAX_ITEMS) {
        push(result, `... ${names.length - index} more`);
        break;
      }
      const label =
        typeof key === "symbol"
          ? `[${symbolText(key)}]`
          : testPattern(/^[A-Za-z_$][\w$]*$/, toText(key))
            ? toText(key)
            : quote(toText(key));
      const content =
        found.get !== undefined
          ? found.set !== undefined
            ? "[Getter/Setter]"
            : "[Getter]"
          : found.set !== undefined
            ? "[Setter]"
            : this.show(found.value, level + 1);
      push(result, `${label}: ${content}`);
    }
    return result;
  }

  showError(error: object, level: number): string {
    let text = errorText(error);
    const extra =
      setSize(this.above) > 5
        ? []
        : this.properties(
            error,
            level,
            (key) => key === "stack" || key === "message" || key === "cause" || key === "name",
          );
    const cause = getOwnPropertyDescriptor(error, "cause")?.value as unknown;
    setAdd(this.above, error);
    if (cause !== undefined && setSize(this.above) < 6) push(extra, `[cause]: ${this.show(cause, level + 1)}`);
    setDelete(this.above, error);
    if (level > 0 && findText(text, "\n") < 0) text = `[${text}]`;
    return extra.length === 0 ? text : `${text} {\n  ${join(extra, ",\n  ")}\n}`;
  }

  more(items: string[], size: number): string[] {
    if (size > items.length) push(items, `... ${size - items.length} more item${size - items.length > 1 ? "s" : ""}`);
    return items;
  }

  /** On one line if that is short and at most three levels are inside, as node decides it. */
  wrap(open: string, items: readonly string[], close: string, level: number): string {
    if (items.length === 0) return `${open}${close}`;
    if (this.current - level < 3) {
      let length = 2 * items.length + 2 * level + open.length + 10;
      for (let index = 0; index < items.length; index++) length += (items[index] as string).length;
      const flat = length <= LINE ? join(items, ", ") : "\n";
      if (findText(flat, "\n") < 0) return `${open} ${flat} ${close}`;
    }
    return lines(open, items, close, level);
  }
}

function allNumbers(list: ArrayLike<unknown>, count: number): boolean {
  for (let index = 0; index < count; index++)
    if (typeof list[index] !== "number" && typeof list[index] !== "bigint") return false;
  return true;
}
