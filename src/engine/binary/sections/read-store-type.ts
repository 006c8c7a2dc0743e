import type { GlobalType, Limits, MemoryType, TableType } from "../module.ts";
import type { ModuleReader } from "../module-reader.ts";
import { readMutability } from "./read-mutability.ts";

export function readTableType(reader: ModuleReader): TableType {
  const elementStart = reader.position;
  const element = reader.valueType();
  const elementEnd = reader.position;
  const { customPage, ...limits } = readLimits(reader);
  if (customPage) reader.fail("malformed limits", limits.start);
  return { ...limits, element, elementStart, elementEnd };
}

export function readMemoryType(reader: ModuleReader): MemoryType {
  const { customPage, ...limits } = readLimits(reader);
  const pageSizeLog2 = customPage ? reader.u32() : 16;
  if (pageSizeLog2 !== 16 && pageSizeLog2 !== 0) reader.fail("unknown page size");
  return { ...limits, pageSizeLog2 };
}

export function readGlobalType(reader: ModuleReader): GlobalType {
  const type = reader.valueType();
  return { type, mutable: readMutability(reader) };
}

/** Index of the type of a tag's exceptions. */
export function readTagType(reader: ModuleReader): number {
  if (reader.byte() !== 0) reader.fail("malformed tag", reader.position - 1);
  return reader.u32();
}

function readLimits(reader: ModuleReader): Limits & { readonly customPage: boolean } {
  const start = reader.position;
  const flags = reader.byte();
  if (flags > 0x0f) reader.fail("malformed limits", start);
  const wide = (flags & 4) !== 0;
  const minimum = wide ? reader.u64() : reader.u32();
  const maximum = (flags & 1) === 0 ? undefined : wide ? reader.u64() : reader.u32();
  return {
    minimum,
    maximum,
    shared: (flags & 2) !== 0,
    wide,
    start,
    end: reader.position,
    customPage: (flags & 8) !== 0,
  };
}
