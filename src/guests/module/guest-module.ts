import { WardianError } from "../../errors.ts";

/** What a Wasm binary of the caller's is run as. */
export type ModuleKind = "command" | "reactor" | "component";

/** A Wasm binary to be a sandbox's guest. Plain data; made by {@link command}, {@link reactor} or {@link component}. */
export interface GuestModule {
  readonly kind: ModuleKind;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What the program finds as its own name (`argv[0]`). */
  readonly name: string;
}

export interface GuestModuleOptions {
  /** What the program finds as its own name (`argv[0]`). Default: "main.wasm". */
  readonly name?: string | undefined;
}

const DEFAULT_NAME = "main.wasm";

/**
 * A program that runs once and exits: a core module of WASI preview 1 with an exported `_start`, or a component of
 * WASI 0.2 that exports `wasi:cli/run`. Each `sandbox.run({ args, stdin })` is a process of its own; files persist.
 *
 * @throws TypeError or WardianError "invalid-module" for what are no Wasm bytes.
 */
export function command(bytes: Uint8Array | ArrayBuffer, options: GuestModuleOptions = {}): GuestModule {
  return describe("command", bytes, options);
}

/**
 * A library that stays: a core module of WASI preview 1 whose exports are called with numbers by
 * `sandbox.call(name, ...numbers)`. `_initialize` is called first, if it is there.
 *
 * @throws TypeError or WardianError "invalid-module" for what are no bytes of a core module.
 */
export function reactor(bytes: Uint8Array | ArrayBuffer, options: GuestModuleOptions = {}): GuestModule {
  const module = describe("reactor", bytes, options);
  if (isComponent(module.bytes)) {
    throw new WardianError(
      "invalid-module",
      "Cannot use these bytes as a reactor: they are a component; use component(bytes)",
    );
  }
  return module;
}

/**
 * A component of any WIT world over WASI 0.2, whose exports are called with typed values by
 * `sandbox.call("interface#function", ...values)`.
 *
 * @throws TypeError or WardianError "invalid-module" for what are no bytes of a component.
 */
export function component(bytes: Uint8Array | ArrayBuffer, options: GuestModuleOptions = {}): GuestModule {
  const module = describe("component", bytes, options);
  if (!isComponent(module.bytes)) {
    throw new WardianError(
      "invalid-module",
      "Cannot use these bytes as a component: they are a core module; use command(bytes) or reactor(bytes)",
    );
  }
  return module;
}

/** Whether a binary is a component: its layer field is 1, that of a core module 0 (Component Model, Binary.md). */
export function isComponent(bytes: Uint8Array): boolean {
  return bytes[6] === 1 && bytes[7] === 0;
}

function describe(kind: ModuleKind, bytes: unknown, options: GuestModuleOptions): GuestModule {
  const { name = DEFAULT_NAME } = options;
  if (typeof name !== "string" || name === "" || name.length > 255 || name.includes("\0"))
    throw new TypeError(`Cannot make a ${kind}: its name must be 1 to 255 characters without NUL`);
  if (!(bytes instanceof Uint8Array) && !(bytes instanceof ArrayBuffer))
    throw new TypeError(`Cannot make a ${kind}: its bytes must be a Uint8Array or an ArrayBuffer`);
  // A copy: what is checked, metered and run must not change in between.
  const copy = Uint8Array.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  if (copy.length < 8 || copy[0] !== 0 || copy[1] !== 0x61 || copy[2] !== 0x73 || copy[3] !== 0x6d)
    throw new WardianError(
      "invalid-module",
      `Cannot make a ${kind}: the bytes are not WebAssembly ("\\0asm" is missing)`,
    );
  return Object.freeze({ kind, bytes: copy, name });
}
