import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { ERRNO, errnoOf } from "../errno.ts";
import type { OpenDescriptor } from "../host/open-descriptors.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { RIGHT } from "../host/rights.ts";
import { ioVectors } from "../io-vectors.ts";
import type { CallTable } from "./call.ts";
import { FDFLAG } from "./flags.ts";

/** Reading and writing. */
export const transferCalls: CallTable = {
  fd_read: (host, fd: number, vectors: number, count: number, result: number) =>
    transfer(host, fd, RIGHT.FD_READ, vectors, count, result, (open, bytes) => open.description.read(bytes)),
  fd_write: (host, fd: number, vectors: number, count: number, result: number) =>
    transfer(host, fd, RIGHT.FD_WRITE, vectors, count, result, (open, bytes) => open.description.write(bytes)),
  fd_pread: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) => {
    const position = Number(BigInt.asUintN(64, offset));
    return transfer(host, fd, RIGHT.FD_READ, vectors, count, result, (open, bytes, moved) =>
      open.description.readAt(bytes, position + moved),
    );
  },
  fd_pwrite: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) => {
    const position = Number(BigInt.asUintN(64, offset));
    return transfer(host, fd, RIGHT.FD_WRITE, vectors, count, result, (open, bytes, moved) =>
      open.description.writeAt(bytes, position + moved),
    );
  },
};

/** Copying to and from a stream, keeping it and decoding it for a listener. What a file costs, its view charges. */
const STREAM_UNITS_PER_BYTE = 4;

type Move = (open: OpenDescriptor, bytes: Uint8Array<ArrayBuffer>, moved: number) => FileResult<number>;

function transfer(
  host: Preview1Host,
  fd: number,
  right: bigint,
  vectors: number,
  count: number,
  result: number,
  move: Move,
): number {
  const open = host.descriptors.get(fd);
  if (open === undefined) return ERRNO.EBADF;
  if (open.description.kind === "directory") return ERRNO.EISDIR;
  if ((open.base & right) === 0n) return ERRNO.EBADF;
  const buffers = ioVectors(host.memory, vectors, count);
  if (typeof buffers === "number") return buffers;
  if (!host.memory.has(result, 4)) return ERRNO.EFAULT;
  const isStream = open.description.kind !== "file";
  let total = 0;
  for (const buffer of buffers) {
    if (isStream && !host.fuel.charge(buffer.length * STREAM_UNITS_PER_BYTE)) return ERRNO.EIO;
    const moved = move(open, buffer, total);
    if (typeof moved === "string") {
      if (total === 0) return errnoOf(moved);
      break;
    }
    total += moved;
    if (moved < buffer.length || host.fuel.stopping) break;
  }
  if (right === RIGHT.FD_WRITE && (open.flags & (FDFLAG.DSYNC | FDFLAG.SYNC)) !== 0) open.description.sync();
  host.memory.setU32(result, total);
  return ERRNO.SUCCESS;
}
