import { ERRNO, errnoOf } from "../errno.ts";
import { move } from "../move.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { RIGHT } from "../host/rights.ts";
import { ioVectors } from "../io-vectors.ts";
import type { CallTable } from "./call.ts";
import { FDFLAG } from "./flags.ts";

/** Reading and writing. */
export const transferCalls: CallTable = {
  fd_read: (host, fd: number, vectors: number, count: number, result: number) =>
    transfer(host, fd, false, undefined, vectors, count, result),
  fd_write: (host, fd: number, vectors: number, count: number, result: number) =>
    transfer(host, fd, true, undefined, vectors, count, result),
  fd_pread: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) =>
    transfer(host, fd, false, Number(BigInt.asUintN(64, offset)), vectors, count, result),
  fd_pwrite: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) =>
    transfer(host, fd, true, Number(BigInt.asUintN(64, offset)), vectors, count, result),
};

/** Copying to and from a stream, keeping it and decoding it for a listener. What a file costs, its view charges. */
const STREAM_UNITS_PER_BYTE = 4;

/** `position`: undefined for the descriptor's own, which then moves on. */
function transfer(
  host: Preview1Host,
  fd: number,
  writes: boolean,
  position: number | undefined,
  vectors: number,
  count: number,
  result: number,
): number {
  const open = host.descriptors.get(fd);
  if (open === undefined) return ERRNO.EBADF;
  const { description } = open;
  if (description.kind === "directory") return ERRNO.EISDIR;
  if ((open.base & (writes ? RIGHT.FD_WRITE : RIGHT.FD_READ)) === 0n) return ERRNO.EBADF;
  const buffers = ioVectors(host.memory, vectors, count);
  if (typeof buffers === "number") return buffers;
  if (!host.memory.has(result, 4)) return ERRNO.EFAULT;
  const isStream = description.kind !== "file";
  let total = 0;
  for (const buffer of buffers) {
    if (isStream && !host.fuel.charge(buffer.length * STREAM_UNITS_PER_BYTE)) return ERRNO.EIO;
    const moved = move(description, writes, position === undefined ? undefined : position + total, buffer);
    if (typeof moved === "string") {
      if (total === 0) return errnoOf(moved);
      break;
    }
    total += moved;
    if (moved < buffer.length || host.fuel.stopping) break;
  }
  if (writes && (open.flags & (FDFLAG.DSYNC | FDFLAG.SYNC)) !== 0) description.sync();
  host.memory.setU32(result, total);
  return ERRNO.SUCCESS;
}
