import { componentEmbed, componentNew, print } from "@bytecodealliance/jco";
import { SERVED_INTERFACES } from "../../../src/wasi/preview2/served-interfaces.ts";
import { wat } from "../wat.ts";
import { VERSION, wasiSource } from "./wasi-wit.ts";

/** A core module of the component, with every import that the world has. */
export interface WholeWasi {
  readonly component: Uint8Array<ArrayBuffer>;
  /** The component's own core module. */
  readonly core: Uint8Array<ArrayBuffer>;
}

/**
 * A component that imports every function of every interface of WASI that is served, and exports `nothing`, which does
 * nothing. Its `realloc` gives addresses of the last of its pages, or, where the guest's memory says so, of anywhere.
 */
export async function wholeWasi(): Promise<WholeWasi> {
  const imports = [...SERVED_INTERFACES.keys()].map((name) => `  import ${name}@${VERSION};`).join("\n");
  const witSource = `package test:whole;\nworld whole {\n${imports}\n  export nothing: func();\n}\n${wasiSource()}`;
  const dummy = await print(await componentEmbed({ witSource, world: "whole", dummy: true }));
  const text = dummy
    .slice(0, dummy.indexOf("(@custom"))
    .replace(/\(memory \(;0;\) 0\)/u, "(memory (;0;) 4 16) (global $next (mut i32) (i32.const 0))")
    .replace(/(\(func \(;\d+;\) \(type \d+\)\s*)unreachable/u, "$1")
    .replace(/(\(param i32 i32 i32 i32\) \(result i32\)\s*)unreachable/u, `$1${REALLOC}`);
  const core = await wat(`${text})`);
  const embedded = await componentEmbed({ binary: core, witSource, world: "whole" });
  return { component: Uint8Array.from(await componentNew(embedded, [])), core };
}

/** One answer in sixteen is what the memory says, whatever that is. */
const REALLOC = `
    (global.set $next (i32.and (i32.add (global.get $next) (i32.const 8)) (i32.const 65528)))
    (if (i32.eqz (i32.and (i32.load8_u (global.get $next)) (i32.const 15)))
      (then (return (i32.load (global.get $next)))))
    (i32.add (i32.const 196608) (global.get $next))`;
