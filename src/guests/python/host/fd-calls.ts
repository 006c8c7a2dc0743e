import { ioVectors } from "../../../wasi/preview1/io-vectors.ts";
import { errnoOf } from "../../../wasi/preview1/errno.ts";
import { move } from "../../../wasi/preview1/move.ts";
import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { CHANNEL_FD } from "./host-channel.ts";
import { ERRNO } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";

/** WASI preview 1 descriptor calls: a positive errno or 0, results through pointers. */
export const fdCalls: Readonly<Record<string, HostCall>> = {
  fd_read: (host, fd: number, vectors: number, count: number, result: number) =>
    transfer(host, fd, false, undefined, vectors, count, result),
  fd_write: (host, fd: number, vectors: number, count: number, result: number) =>
    transfer(host, fd, true, undefined, vectors, count, result),
  fd_pread: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) =>
    transferAt(host, fd, false, offset, vectors, count, result),
  fd_pwrite: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) =>
    transferAt(host, fd, true, offset, vectors, count, result),
  fd_close: (host, fd: number) => positive(host.descriptors.close(fd)),
  fd_sync: (host, fd: number) =>
    positive(host.descriptors.get(fd)?.sync() ?? (host.descriptors.get(fd) === undefined ? "EBADF" : undefined)),
  fd_seek(host, fd: number, offset: bigint, whence: number, result: number) {
    const open = host.descriptors.get(fd);
    if (open === undefined) return ERRNO.EBADF;
    const position = open.seek(Number(offset), whence);
    if (typeof position === "string") return errnoOf(position);
    return host.memory.setI64(result, position) ? ERRNO.SUCCESS : ERRNO.EFAULT;
  },
  fd_fdstat_get(host, fd: number, result: number) {
    const open = host.descriptors.get(fd);
    if (open === undefined) return ERRNO.EBADF;
    if (!host.memory.clear(result, FDSTAT_BYTES)) return ERRNO.EFAULT;
    host.memory.setU8(result, open.kind === "directory" ? FILETYPE_DIRECTORY : FILETYPE_REGULAR);
    host.memory.setU16(result + 2, open.access.append ? FDFLAG_APPEND : 0);
    return ERRNO.SUCCESS;
  },
};

const FDSTAT_BYTES = 24;
const FILETYPE_DIRECTORY = 3;
/** Also for streams and devices: as a character device they would pass for a terminal, and tracebacks would be coloured. */
const FILETYPE_REGULAR = 4;
const FDFLAG_APPEND = 1;

/** `position`: undefined for the descriptor's own, which then moves on. */
function transfer(
  host: PythonHost,
  fd: number,
  writes: boolean,
  position: number | undefined,
  vectors: number,
  count: number,
  result: number,
): number {
  const buffers = ioVectors(host.memory, vectors, count);
  if (typeof buffers === "number") return buffers;
  if (!host.memory.has(result, 4)) return ERRNO.EFAULT;
  const channel = fd === CHANNEL_FD && position === undefined;
  const open = channel ? undefined : host.descriptors.get(fd);
  const step = (buffer: Uint8Array, at: number | undefined): FileResult<number> => {
    if (channel) return throughChannel(host, writes, buffer);
    return open === undefined ? "EBADF" : move(open, writes, at, buffer);
  };
  let total = 0;
  // An empty write still has to say that a descriptor is bad.
  if (buffers.length === 0 && step(new Uint8Array(0), position) === "EBADF") return ERRNO.EBADF;
  for (const buffer of buffers) {
    host.charge(buffer.length);
    if (host.gauge.stopping) break;
    const moved = step(buffer, position === undefined ? undefined : position + total);
    if (typeof moved === "string") {
      if (total === 0) return errnoOf(moved);
      break;
    }
    total += moved;
    if (moved < buffer.length) break;
  }
  host.memory.setU32(result, total);
  return ERRNO.SUCCESS;
}

function transferAt(
  host: PythonHost,
  fd: number,
  writes: boolean,
  offset: bigint,
  vectors: number,
  count: number,
  result: number,
): number {
  const position = Number(offset);
  if (!Number.isSafeInteger(position) || position < 0) return ERRNO.EINVAL;
  return transfer(host, fd, writes, position, vectors, count, result);
}

function throughChannel({ channel }: PythonHost, writes: boolean, buffer: Uint8Array): FileResult<number> {
  if (!writes) return channel.read(buffer);
  return channel.write(buffer) ? buffer.length : "EFBIG";
}

function positive(result: FileResult<void>): number {
  return typeof result === "string" ? errnoOf(result) : ERRNO.SUCCESS;
}
