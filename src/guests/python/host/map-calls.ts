import type { FileResult } from "../../../capabilities/files/file-system.ts";
import type { Description } from "../../../wasi/preview1/description.ts";
import { ERRNO, failed } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";

/** `mmap` of files: a copy, written back at `msync` and `munmap` when shared and writable. Anonymous maps never come here. */
export const mapCalls: Readonly<Record<string, HostCall>> = {
  _mmap_js(
    host,
    length: number,
    _protection: number,
    _flags: number,
    fd: number,
    offset: bigint,
    allocated: number,
    result: number,
  ) {
    const size = length >>> 0;
    const open = host.descriptors.get(fd);
    if (open === undefined) return -ERRNO.EBADF;
    if (open.kind !== "file") return -ERRNO.ENODEV;
    if (size === 0 || offset < 0n) return -ERRNO.EINVAL;
    if (size > host.memoryLimit || host.mappings.size >= MAX_MAPPINGS) return -ERRNO.ENOMEM;
    if (!host.memory.has(allocated, 4) || !host.memory.has(result, 4)) return -ERRNO.EFAULT;
    host.charge(size);
    if (host.gauge.stopping) return -ERRNO.EIO;
    const block = host.gauge.enter(() => host.exports.emscripten_builtin_memalign(PAGE, size));
    if (block.kind === "stopped" || block.value === 0) return -ERRNO.ENOMEM;
    const view = host.memory.view(block.value, size);
    if (view === undefined) return -ERRNO.ENOMEM;
    view.fill(0);
    const count = fill(open, view, Number(offset));
    if (typeof count === "string") {
      host.gauge.enter(() => host.exports.emscripten_builtin_free(block.value));
      return failed(count);
    }
    host.mappings.add(block.value);
    host.memory.setU32(allocated, 1);
    host.memory.setU32(result, block.value);
    return 0;
  },
  _msync_js: (host, address: number, length: number, _protection: number, flags: number, fd: number, offset: bigint) =>
    writeBack(host, address, length, flags, fd, offset),
  _munmap_js(host, address: number, length: number, protection: number, flags: number, fd: number, offset: bigint) {
    host.mappings.delete(address);
    return (protection & PROT_WRITE) === 0 ? 0 : writeBack(host, address, length, flags, fd, offset);
  },
};

const PAGE = 65_536;
const MAX_MAPPINGS = 1_024;
const PROT_WRITE = 2;
const MAP_PRIVATE = 2;

function fill(open: Description, into: Uint8Array, offset: number): FileResult<number> {
  let total = 0;
  while (total < into.length) {
    const count = open.readAt(into.subarray(total), offset + total);
    if (typeof count === "string") return count;
    if (count === 0) break;
    total += count;
  }
  return total;
}

function writeBack(
  host: PythonHost,
  address: number,
  length: number,
  flags: number,
  fd: number,
  offset: bigint,
): number {
  if ((flags & MAP_PRIVATE) !== 0) return 0;
  const open = host.descriptors.get(fd);
  if (open === undefined) return -ERRNO.EBADF;
  const bytes = host.memory.view(address, length);
  if (bytes === undefined || offset < 0n) return -ERRNO.EINVAL;
  host.charge(bytes.length);
  const stat = open.stat();
  if (typeof stat === "string") return failed(stat);
  // A map can't lengthen its file: what lies past the end is dropped, as POSIX says.
  const written = open.writeAt(bytes.subarray(0, Math.max(0, stat.size - Number(offset))), Number(offset));
  return typeof written === "string" ? failed(written) : 0;
}
