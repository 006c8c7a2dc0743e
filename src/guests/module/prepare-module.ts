import { inspect, meter } from "../../engine/index.ts";
import type { MeteredModule, ModuleDescription } from "../../engine/index.ts";
import { WardianError } from "../../errors.ts";
import { findUnsealedImports } from "../sealed-imports.ts";

/** A core module of the caller's, ready to be instantiated. Shared by the sandboxes of a process. */
export interface PreparedModule {
  readonly module: WebAssembly.Module;
  readonly metered: Omit<MeteredModule, "bytes">;
  readonly description: ModuleDescription;
  /** What compiling it keeps in memory, roughly: the length of the metered bytes. */
  readonly byteLength: number;
}

/**
 * Depth of calls, in bytes of native stack as the meter estimates them. Half of what V8 has by default, since code made to
 * hurt can take up to twice its estimate.
 */
export const STACK_LIMIT = 480_000;

/**
 * Checks that a module can reach nothing but what a sandbox serves, meters it and compiles it.
 *
 * @throws WardianError "unsealed-module" with the names of the imports that no sandbox provides, "invalid-module",
 * "module-too-large".
 */
export async function prepareModule(bytes: Uint8Array, memoryBytes: number, what: string): Promise<PreparedModule> {
  const description = inspect(bytes);
  refuseUnsealed(description, what);
  refuseMemories(description, what);
  const { bytes: rewritten, ...metered } = meter(bytes, {
    memoryMaxBytes: memoryBytes,
    stackLimit: STACK_LIMIT,
    addExports: "state",
    start: "export",
  });
  try {
    const module = await WebAssembly.compile(rewritten);
    return { module, metered, description, byteLength: rewritten.length };
  } catch (cause) {
    throw new WardianError("invalid-module", `Cannot load the ${what}: this engine does not accept the module`, {
      cause,
    });
  }
}

/** Names in a message; a module may import a million. */
const MAX_NAMED = 10;

function refuseUnsealed(description: ModuleDescription, what: string): void {
  const unsealed = findUnsealedImports(description);
  if (unsealed.length === 0) return;
  const names = unsealed.slice(0, MAX_NAMED).map(({ module, name, why }) => `${shown(module)} ${shown(name)} (${why})`);
  const more = unsealed.length > MAX_NAMED ? ` and ${unsealed.length - MAX_NAMED} more` : "";
  throw new WardianError(
    "unsealed-module",
    `Cannot load the ${what}: it is not sealed: it imports ${names.join(", ")}${more}, which no sandbox provides`,
  );
}

/** Names in a module are hostile text, of any length. */
function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

/** The cap is one for the whole guest, so there is one memory; a shared one would need threads. */
function refuseMemories({ memories }: ModuleDescription, what: string): void {
  if (memories.some(({ shared }) => shared))
    throw new WardianError("unsupported", `Cannot load the ${what}: it needs shared memory; guests have no threads`);
  if (memories.length > 1)
    throw new WardianError(
      "unsupported",
      `Cannot load the ${what}: it has ${memories.length} memories, one is allowed`,
    );
}
