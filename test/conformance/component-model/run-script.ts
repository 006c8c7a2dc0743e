import { parse } from "@bytecodealliance/jco";
import { head, isList, parseLists, stringText } from "../wast/s-expression.ts";
import type { List, Node } from "../wast/s-expression.ts";
import { canonical, literal } from "./component-values.ts";
import type { Ended, Opened, Side } from "./sides.ts";

/** What became of one assertion. */
export interface Verdict {
  /** The assertion's line and keyword: "17 assert_return". */
  readonly label: string;
  readonly passed: boolean;
  readonly why: string;
}

/** Runs the assertions of a `.wast` script of the component model. */
export async function runScript(source: string, side: Side): Promise<readonly Verdict[]> {
  const run = new ScriptRun(source, side);
  try {
    for (const command of parseLists(source)) await run.command(command);
  } finally {
    run.close();
  }
  return run.verdicts;
}

class ScriptRun {
  readonly verdicts: Verdict[] = [];
  readonly #source: string;
  readonly #side: Side;
  readonly #definitions: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  readonly #instances: Map<string, Opened> = new Map();
  /** Why there is no current instance. */
  #missing = "no component";
  #last: Opened | undefined;

  constructor(source: string, side: Side) {
    this.#source = source;
    this.#side = side;
  }

  close(): void {
    this.#last?.close();
    for (const instance of this.#instances.values()) instance.close();
  }

  async command(command: List): Promise<void> {
    const keyword = head(command);
    if (keyword === "component") await this.#component(command);
    else if (keyword === "invoke") await this.#invoke(command).catch(() => undefined);
    else if (keyword.startsWith("assert_")) {
      const line = this.#source.slice(0, command.start).split("\n").length;
      const failed = await this.#assert(keyword, command).catch((error: unknown) => String(error).slice(0, 300));
      this.verdicts.push({ label: `${String(line)} ${keyword}`, passed: failed === undefined, why: failed ?? "" });
    }
  }

  async #component(list: List): Promise<void> {
    const [, first, second, third] = list.items;
    if (first === "definition") {
      const bytes = await this.#bytes(list).catch(() => undefined);
      if (bytes !== undefined) this.#definitions.set(named(second), bytes);
      return;
    }
    const [name, bytes] =
      first === "instance"
        ? [named(second), this.#definitions.get(named(third))]
        : [named(first), await this.#bytes(list).catch(() => undefined)];
    if (!this.#instances.has("") && this.#last !== undefined && ![...this.#instances.values()].includes(this.#last))
      this.#last.close();
    this.#last = undefined;
    this.#missing = "the text was not accepted";
    if (bytes === undefined) return;
    try {
      this.#last = await this.#side.open(bytes);
      if (name !== "") this.#instances.set(name, this.#last);
    } catch (error) {
      this.#missing = String(error).slice(0, 300);
    }
  }

  /** Undefined if it holds, else why not. */
  async #assert(keyword: string, command: List): Promise<string | undefined> {
    const [, subject, ...expected] = command.items;
    if (!isList(subject)) return "not understood";
    switch (keyword) {
      case "assert_return": {
        const ended = await this.#invoke(subject);
        if (ended.kind === "trapped") return `trapped: ${ended.why.slice(0, 200)}`;
        const wanted = expected.length === 0 ? "none" : canonical(unwrapOk(literal(expected[0] ?? "")));
        const found = canonical(ended.value);
        return found === wanted ? undefined : `${found} instead of ${wanted}`;
      }
      case "assert_trap": {
        if (head(subject) === "component") return await this.#refused(subject);
        const ended = await this.#invoke(subject);
        return ended.kind === "trapped" ? undefined : "did not trap";
      }
      default:
        return head(subject) === "component" ? await this.#refused(subject) : "not understood";
    }
  }

  async #refused(list: List): Promise<string | undefined> {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#bytes(list);
    } catch {
      return undefined;
    }
    let opened: Opened;
    try {
      opened = await this.#side.open(bytes);
    } catch {
      return undefined;
    }
    opened.close();
    return "was accepted";
  }

  async #invoke(list: List): Promise<Ended> {
    const items = list.items.slice(1);
    const instance = typeof items[0] === "string" && items[0].startsWith("$") ? items.shift() : undefined;
    const target = instance === undefined ? this.#last : this.#instances.get(named(instance));
    const [name, ...args] = items;
    if (target === undefined) throw new Error(this.#missing);
    return await target.call(typeof name === "string" ? stringText(name) : "", args.map(literal));
  }

  async #bytes(list: List): Promise<Uint8Array<ArrayBuffer>> {
    const items = list.items.slice(1).filter((item) => item !== "definition");
    if (named(items[0]) !== "") items.shift();
    const strings = items.slice(1).filter((item): item is string => typeof item === "string");
    const text =
      items[0] === "quote"
        ? `(component ${strings.map(stringText).join(" ")})`
        : this.#source.slice(list.start, list.end).replace(/^\(component\s+definition/u, "(component");
    return Uint8Array.from(await parse(text));
  }
}

function named(node: Node | undefined): string {
  return typeof node === "string" && node.startsWith("$") ? node : "";
}

/** jco returns what is in `ok`. */
function unwrapOk(value: unknown): unknown {
  return typeof value === "object" && value !== null && "tag" in value && value.tag === "ok"
    ? (value as { readonly val?: unknown }).val
    : value;
}
