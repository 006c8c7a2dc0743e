import { ioVectors } from "../../../wasi/preview1/io-vectors.ts";
import { errnoOf } from "../../../wasi/preview1/errno.ts";
import type { Description } from "../../../wasi/preview1/description.ts";
import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { CHANNEL_FD } from "./host-channel.ts";
import { ERRNO } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";

/** WASI preview 1 descriptor calls: a positive errno or 0, results through pointers. */
export const fdCalls: Readonly<Record<string, HostCall>> = {
  fd_read: (host, fd: number, vectors: number, count: number, result: number) =>
    fd === CHANNEL_FD
      ? transfer(host, vectors, count, result, (bytes) => host.channel.read(bytes))
      : transfer(
          host,
          vectors,
          count,
          result,
          use(host, fd, (open, bytes) => open.read(bytes)),
        ),
  fd_write: (host, fd: number, vectors: number, count: number, result: number) =>
    fd === CHANNEL_FD
      ? transfer(host, vectors, count, result, (bytes) => (host.channel.write(bytes) ? bytes.length : "EFBIG"))
      : transfer(
          host,
          vectors,
          count,
          result,
          use(host, fd, (open, bytes) => open.write(bytes)),
        ),
  fd_pread: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) =>
    transferAt(host, fd, vectors, count, offset, result, (open, bytes, position) => open.readAt(bytes, position)),
  fd_pwrite: (host, fd: number, vectors: number, count: number, offset: bigint, result: number) =>
    transferAt(host, fd, vectors, count, offset, result, (open, bytes, position) => open.writeAt(bytes, position)),
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

type Move = (bytes: Uint8Array<ArrayBuffer>) => FileResult<number>;

function use(
  host: PythonHost,
  fd: number,
  move: (open: Description, bytes: Uint8Array<ArrayBuffer>) => FileResult<number>,
): Move {
  const open = host.descriptors.get(fd);
  return open === undefined ? () => "EBADF" : (bytes) => move(open, bytes);
}

function transfer(host: PythonHost, vectors: number, count: number, result: number, move: Move): number {
  const buffers = ioVectors(host.memory, vectors, count);
  if (typeof buffers === "number") return buffers;
  if (!host.memory.has(result, 4)) return ERRNO.EFAULT;
  let total = 0;
  // An empty write still has to say that a descriptor is bad.
  if (buffers.length === 0) {
    const moved = move(new Uint8Array(0));
    if (moved === "EBADF") return ERRNO.EBADF;
  }
  for (const buffer of buffers) {
    host.charge(buffer.length);
    if (host.gauge.stopping) break;
    const moved = move(buffer);
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
  vectors: number,
  count: number,
  offset: bigint,
  result: number,
  move: (open: Description, bytes: Uint8Array<ArrayBuffer>, position: number) => FileResult<number>,
): number {
  let position = Number(offset);
  if (!Number.isSafeInteger(position) || position < 0) return ERRNO.EINVAL;
  const step = use(host, fd, (open, bytes) => {
    const moved = move(open, bytes, position);
    if (typeof moved === "number") position += moved;
    return moved;
  });
  return transfer(host, vectors, count, result, step);
}

function positive(result: FileResult<void>): number {
  return typeof result === "string" ? errnoOf(result) : ERRNO.SUCCESS;
}
