/** Magic and version only. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/**
 * Resolves in a task of its own, behind all promise jobs: what a caller awaits goes out first. Compiling nothing is the one
 * such wait that every platform with Wasm has and that needs no timer.
 */
export async function nextTask(): Promise<void> {
  await WebAssembly.compile(EMPTY_MODULE);
}
