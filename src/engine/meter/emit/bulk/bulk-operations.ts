import { OP } from "../../../binary/opcodes.ts";
import { I32, type Injection } from "../injection.ts";
import { addressType, memoryStore, type BulkStore } from "./bulk-store.ts";
import { ChunkedOperation } from "./chunked-operation.ts";

/** Index of the function that does `memory.fill` or `table.fill`. */
export function bulkFill(injection: Injection, store: BulkStore): number {
  const { kind, index, wide, address, element } = store;
  return injection.function(`${kind}.fill ${index}`, [address, element, address], [], (code) => {
    new ChunkedOperation(injection, code, {
      emit: () => code.op(store.fill, index),
      ranges: [{ local: 0, wide, size: store.size }],
      moving: [{ local: 0, wide }],
      fixed: 1,
      wide,
      chunk: store.chunk,
      shift: store.shift,
      overlapping: false,
    }).write();
  });
}

/** Index of the function that does `memory.copy` or `table.copy`. */
export function bulkCopy(injection: Injection, to: BulkStore, from: BulkStore): number {
  const wide = to.wide && from.wide;
  const key = `${to.kind}.copy ${to.index} ${from.index}`;
  return injection.function(key, [to.address, from.address, addressType(wide)], [], (code) => {
    new ChunkedOperation(injection, code, {
      emit: () => code.op(to.copy, to.index, from.index),
      ranges: [
        { local: 0, wide: to.wide, size: to.size },
        { local: 1, wide: from.wide, size: from.size },
      ],
      moving: [
        { local: 0, wide: to.wide },
        { local: 1, wide: from.wide },
      ],
      fixed: undefined,
      wide,
      chunk: to.chunk,
      shift: to.shift,
      overlapping: to.index === from.index,
    }).write();
  });
}

/** Index of the function that does `memory.init`. */
export function memoryInit(injection: Injection, segment: number, memory: number): number {
  const to = memoryStore(injection, memory);
  const length = injection.module.dataLengths[segment] ?? 0;
  return injection.function(`memory.init ${segment} ${memory}`, [to.address, I32, I32], [], (code) => {
    new ChunkedOperation(injection, code, {
      emit: () => code.op(OP.memoryInit, segment, memory),
      ranges: [
        { local: 0, wide: to.wide, size: to.size },
        // A dropped segment has length 0, which the first chunk finds out without any effect.
        { local: 1, wide: false, size: (into) => into.i64(length) },
      ],
      moving: [
        { local: 0, wide: to.wide },
        { local: 1, wide: false },
      ],
      fixed: undefined,
      wide: false,
      chunk: to.chunk,
      shift: to.shift,
      overlapping: false,
    }).write();
  });
}
