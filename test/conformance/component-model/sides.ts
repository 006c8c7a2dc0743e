import { loadBindgen } from "../../../src/guests/component/load-bindgen.ts";
import { component, Sandbox } from "../../../src/index.ts";

/** One way to run components. A call answers what it returned, or that it trapped. */
export interface Side {
  /** Throws if the component is refused or can't be instantiated. */
  open(bytes: Uint8Array<ArrayBuffer>): Promise<Opened>;
}

export interface Opened {
  call(name: string, args: readonly unknown[]): Promise<Ended>;
  close(): void;
}

export type Ended =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "trapped"; readonly why: string };

type Glue = (
  getCoreModule: (file: string) => WebAssembly.Module,
  imports: object,
  instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
) => Readonly<Record<string, unknown>>;

/** jco's own glue over the core modules as they are. */
export const jcoAlone: Side = {
  async open(bytes) {
    const { generate } = await loadBindgen();
    const { files } = generate(bytes, { name: "c", instantiation: { tag: "sync" }, noTypescript: true, map: [] });
    const contents = new Map(files);
    const text = new TextDecoder().decode(contents.get("c.js")).replaceAll(/^export (?=function|const|class)/gmu, "");
    // eslint-disable-next-line no-new-func, typescript/no-implied-eval -- what jco generates is a program
    const glue = new Function(`${text}\nreturn instantiate;`)() as Glue;
    const exports = glue(
      (file) => new WebAssembly.Module(Uint8Array.from(contents.get(file) ?? [])),
      {},
      (module, imports) => new WebAssembly.Instance(module, imports),
    );
    return {
      call: (name, args) => {
        const target = exports[camelCase(name)];
        if (typeof target !== "function") throw new Error(`There is no export ${name}`);
        try {
          return Promise.resolve({
            kind: "returned",
            value: (target as (...values: readonly unknown[]) => unknown)(...args),
          });
        } catch (error) {
          if (typeof error === "object" && error !== null && "payload" in error)
            return Promise.resolve({ kind: "returned", value: { tag: "err", val: error.payload } });
          return Promise.resolve({ kind: "trapped", why: String(error) });
        }
      },
      close: () => undefined,
    };
  },
};

/** The component guest, metered and sealed. */
export const wardian: Side = {
  async open(bytes) {
    const sandbox = await Sandbox.create({ guest: component(bytes) });
    return {
      call: async (name, args) => {
        const result = await sandbox.call(name, ...args);
        if (result.status === "ok") return { kind: "returned", value: result.value };
        return { kind: "trapped", why: JSON.stringify(result.status === "error" ? result.error : result) };
      },
      close: () => sandbox.close(),
    };
  },
};

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/gu, (_dash, letter: string) => letter.toUpperCase());
}
