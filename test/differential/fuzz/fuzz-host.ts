import type { ModuleDescription } from "../../../src/engine/index.ts";

/** What both runs of a module are linked with: imports that note how they are called and answer always the same. */
export class FuzzHost {
  /** Calls of imports, in order. */
  readonly log: string[] = [];
  readonly #names: readonly string[];
  #exports: WebAssembly.Exports = {};

  /** `description`: of the module as given; the metered twin has the same imports and one more. */
  constructor(description: ModuleDescription) {
    this.#names = description.exports.map(({ name }) => name);
  }

  /** Calls back into the instance need its exports. */
  attach(exports: WebAssembly.Exports): void {
    this.#exports = exports;
  }

  imports(description: ModuleDescription): WebAssembly.Imports {
    const imports = Object.create(null) as Record<string, Record<string, WebAssembly.ImportValue>>;
    for (const [index, { module, name, kind, type }] of description.imports.entries()) {
      imports[module] ??= Object.create(null) as Record<string, WebAssembly.ImportValue>;
      imports[module][name] = this.#item(kind, name, type, index);
    }
    return imports;
  }

  #item(kind: string, name: string, type: string, index: number): WebAssembly.ImportValue {
    switch (kind) {
      case "function":
        return this.#function(name, type, index);
      case "global":
        return globalOf(type);
      case "memory":
        return memoryOf(type);
      case "table":
        return tableOf(type);
      default:
        return tagOf(type);
    }
  }

  #function(name: string, type: string, index: number): WebAssembly.ImportValue {
    const results = resultsOf(type);
    const answer = results.length > 1 ? results.map(zero) : zero(results[0] ?? "");
    return (...args: unknown[]) => {
      this.log.push(`${String(index)} ${name}(${args.map(show).join()})`);
      if (name === "throw") throw new Error("The import throws");
      if (name.startsWith("call-export")) return this.#callExport(Number(args[0]), name.endsWith("-catch"));
      if (name.startsWith("call-ref")) return call(args[0], name.endsWith("-catch"));
      return answer;
    };
  }

  #callExport(index: number, caught: boolean): unknown {
    const name = this.#names[(index >>> 0) % Math.max(1, this.#names.length)] ?? "";
    return call(this.#exports[name], caught);
  }
}

/** What the fuzzer's callers do: an error is told as 1, or goes on to the guest. */
function call(target: unknown, caught: boolean): unknown {
  if (typeof target !== "function") return 0;
  try {
    (target as () => unknown)();
    return 0;
  } catch (error) {
    // A stop is no error of the guest's: it goes through everything.
    if (!caught || error instanceof RangeError) throw error;
    return 1;
  }
}

function resultsOf(type: string): readonly string[] {
  const text = type
    .slice(type.indexOf("->") + 2)
    .trim()
    .replace(/^\(|\)$/gu, "");
  return text === "" ? [] : text.split(/, (?![^(]*\))/u);
}

/** An argument or a result of a type. */
export function zero(type: string): unknown {
  if (type === "i64") return 0n;
  if (/^[if]\d/u.test(type)) return 0;
  // A reference that may not be null can only be made up for the host's own kind.
  return type === "(ref extern)" || type === "(ref any)" ? "host" : null;
}

function globalOf(type: string): WebAssembly.Global {
  const mutable = type.startsWith("mutable ");
  const value = type.replace(/^mutable /u, "");
  if (value === "(ref extern)") return new WebAssembly.Global({ value: "externref", mutable }, "host");
  return new WebAssembly.Global({ value: value as WebAssembly.ValueType, mutable }, zero(value));
}

function limitsOf(type: string): { readonly initial: number; readonly maximum?: number } {
  const [, minimum = "0", maximum] = /(\d+)\.\.(\d+)?/u.exec(type) ?? [];
  return { initial: Number(minimum), ...(maximum === undefined ? {} : { maximum: Number(maximum) }) };
}

function memoryOf(type: string): WebAssembly.Memory {
  return new WebAssembly.Memory(limitsOf(type));
}

function tableOf(type: string): WebAssembly.Table {
  return new WebAssembly.Table({ element: type.includes("extern") ? "externref" : "anyfunc", ...limitsOf(type) });
}

function tagOf(type: string): WebAssembly.ImportValue {
  const parameters = type.slice(1, type.indexOf(")"));
  const { Tag } = WebAssembly as unknown as {
    readonly Tag: new (type: { readonly parameters: readonly string[] }) => WebAssembly.ImportValue;
  };
  return new Tag({ parameters: parameters === "" ? [] : parameters.split(", ") });
}

/** A value in words that two engines can be compared by. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join()}]`;
  if (typeof value === "bigint") return `${String(value)}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "function") return "function";
  if (value === null || typeof value !== "object") return `${value as string | boolean | null | undefined}`;
  return "object";
}
