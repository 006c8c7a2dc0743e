import type { Language } from "../../guest.ts";
import type { HostFile } from "../host-file/host-file.ts";
import type { GuestMemory } from "../../../wasi/preview1/guest-memory.ts";
import type { Preview1Host } from "../../../wasi/preview1/host/preview1-host.ts";

/** One live interpreter, as its driver sees it. */
export interface LiveInterpreter {
  readonly host: Preview1Host;
  readonly memory: GuestMemory;
  readonly table: WebAssembly.Table | undefined;
  /** What the meter counts the depth of calls in, of a module that has it. */
  readonly depth: WebAssembly.Global<"i32"> | undefined;
  /** An exported function. Throws a WardianError "asset" for a name that the module does not have. */
  function(name: string): (...values: readonly (number | bigint)[]) => number;
}

/** A function that serves an import: gets the interpreter and the guest's raw arguments, and never throws. */
export type ImportCall = (live: LiveInterpreter, ...values: never[]) => number | bigint | void;

/** How one language's module is linked, started and entered. Without state: all of that is in the instance. */
export interface InterpreterDriver {
  readonly language: Language;
  /** Serves imports beside those of preview 1, by `module.name`. What is in no table is sealed: it stops the guest. */
  readonly imports?: ReadonlyMap<string, ImportCall>;
  /** Of a module that imports its memory. */
  readonly memoryImport?: { readonly initialPages: number };
  /** Adds to a new instance what every one of them has, at the same place in each. */
  link?(live: LiveInterpreter, file: HostFile): number;
  /**
   * Starts the interpreter and gives it the prelude. Run once for a module: what it leaves is the image of all sandboxes.
   * Answers an address that `enter` gets, of whatever the driver finds its interpreter by.
   */
  boot(live: LiveInterpreter, prelude: string, linked: number): number;
  /** Has the prelude read its request from the host file and carry it out. False if the prelude itself failed. */
  enter(live: LiveInterpreter, booted: number, file: HostFile): boolean;
}
