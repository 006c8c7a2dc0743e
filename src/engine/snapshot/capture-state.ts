import { WardianError } from "../../errors.ts";
import { nonzeroScan } from "./nonzero-scan.ts";
import { BLOCK_BYTES, blockStart } from "./state-image.ts";
import type { GlobalValue, GuestState, MemoryImage, MemoryRun, StateImage } from "./state-image.ts";

/**
 * Copies the non-zero parts of the memories, the globals and the tables.
 *
 * Throws a `WardianError` `unsupported` for a v128 global, which JavaScript can't read.
 */
export function captureState(state: GuestState): StateImage {
  const image = viewState(state);
  return { ...image, memories: image.memories.map(copyMemory) };
}

/**
 * The same without a copy of the memories: the runs are views of them, right until the guest is entered again. For what is
 * done with an image at once, such as a fork or writing a snapshot.
 */
export function viewState(state: GuestState): StateImage {
  return {
    memories: state.memories.map(viewMemory),
    globals: state.globals.map(captureGlobal),
    tables: (state.tables ?? []).map((table) =>
      Array.from({ length: table.length }, (_, index) => entryOf(table, index)),
    ),
  };
}

/** Throws a `WardianError` `unsupported` for a v128 global. */
export function captureGlobal(global: WebAssembly.Global): GlobalValue {
  let value: unknown;
  try {
    value = global.value;
  } catch (cause) {
    throw new WardianError("unsupported", "Cannot capture a guest's state: a global's type has no JavaScript value", {
      cause,
    });
  }
  return typeof value === "number" || typeof value === "bigint" ? value : { reference: value };
}

function entryOf(table: WebAssembly.Table, index: number): unknown {
  return table.get(index);
}

function viewMemory(memory: WebAssembly.Memory): MemoryImage {
  const bytes = new Uint8Array(memory.buffer);
  const runs: MemoryRun[] = [];
  const next = nonzeroScan(memory);
  for (let at = next(0, bytes.length); at < bytes.length;) {
    const offset = blockStart(at);
    let end = offset + BLOCK_BYTES;
    while (end < bytes.length && next(end, end + BLOCK_BYTES) < end + BLOCK_BYTES) end += BLOCK_BYTES;
    runs.push({ offset, bytes: bytes.subarray(offset, end) });
    at = next(end, bytes.length);
  }
  return { byteLength: bytes.length, runs };
}

/** In one piece of memory: an image has hundreds of runs. */
function copyMemory({ byteLength, runs }: MemoryImage): MemoryImage {
  const data = new Uint8Array(runs.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  const copies = runs.map(({ offset, bytes }) => {
    data.set(bytes, at);
    at += bytes.length;
    return { offset, bytes: data.subarray(at - bytes.length, at) };
  });
  return { byteLength, runs: copies };
}
