import type { ByteWriter } from "../../../internal/byte-writer.ts";

/** Writes the limits of a table or memory with another maximum, or none. */
export function writeLimits(
  payload: ByteWriter,
  store: { readonly minimum: number; readonly shared: boolean; readonly wide: boolean; readonly pageSizeLog2?: number },
  maximum: number | undefined,
): void {
  const customPage = store.pageSizeLog2 !== undefined && store.pageSizeLog2 !== 16;
  payload.byte((maximum === undefined ? 0 : 1) | (store.shared ? 2 : 0) | (store.wide ? 4 : 0) | (customPage ? 8 : 0));
  payload.u64(store.minimum);
  if (maximum !== undefined) payload.u64(maximum);
}
