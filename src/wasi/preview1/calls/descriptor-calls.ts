import { ERRNO, errnoOf } from "../errno.ts";
import { RIGHT } from "../host/rights.ts";
import { done, onDescriptor } from "./call.ts";
import type { CallTable } from "./call.ts";
import { fileTypeOf, setExactTimes, wantedTimes, writeFileStat } from "./file-stat.ts";
import { ALL_FDFLAGS, FDFLAG, FILETYPE } from "./flags.ts";

const FDSTAT_BYTES = 24;
const PRESTAT_BYTES = 8;
const LAST_ADVICE = 5;

/** What a descriptor is, where it stands, and what becomes of it. */
export const descriptorCalls: CallTable = {
  fd_close: (host, fd: number) => done(host.descriptors.close(fd)),
  fd_renumber: (host, from: number, to: number) => done(host.descriptors.renumber(from, to)),
  fd_sync: (host, fd: number) => onDescriptor(host, fd, ({ description }) => done(description.sync())),
  fd_datasync: (host, fd: number) => onDescriptor(host, fd, ({ description }) => done(description.sync())),
  fd_seek: (host, fd: number, offset: bigint, whence: number, result: number) =>
    onDescriptor(host, fd, ({ description }) => {
      // A directory's position is its listing's cursor, which is not the guest's to move.
      if (description.kind === "directory") return ERRNO.EBADF;
      if (!host.memory.has(result, 8)) return ERRNO.EFAULT;
      const position = description.seek(Number(offset), whence);
      if (typeof position === "string") return errnoOf(position);
      return host.memory.setI64(result, position) ? ERRNO.SUCCESS : ERRNO.EFAULT;
    }),
  fd_tell: (host, fd: number, result: number) =>
    onDescriptor(host, fd, ({ description }) => {
      if (description.kind === "directory") return ERRNO.EBADF;
      const position = description.seek(0, 1);
      if (typeof position === "string") return errnoOf(position);
      return host.memory.setI64(result, position) ? ERRNO.SUCCESS : ERRNO.EFAULT;
    }),
  fd_fdstat_get: (host, fd: number, result: number) =>
    onDescriptor(host, fd, ({ description, base, inheriting, flags }) => {
      const at = result >>> 0;
      if (!host.memory.clear(at, FDSTAT_BYTES)) return ERRNO.EFAULT;
      const { kind } = description;
      host.memory.setU8(at, kind === "device" || kind === "pipe" ? FILETYPE.UNKNOWN : fileTypeOf(kind));
      host.memory.setU16(at + 2, flags);
      host.memory.setI64(at + 8, base);
      host.memory.setI64(at + 16, inheriting);
      return ERRNO.SUCCESS;
    }),
  fd_fdstat_set_flags: (host, fd: number, flags: number) =>
    onDescriptor(host, fd, (open) => {
      if ((flags & ~ALL_FDFLAGS) !== 0) return ERRNO.EINVAL;
      open.flags = flags;
      open.description.setAppend((flags & FDFLAG.APPEND) !== 0);
      return ERRNO.SUCCESS;
    }),
  // Rights can only be given up.
  fd_fdstat_set_rights: (host, fd: number, base: bigint, inheriting: bigint) =>
    onDescriptor(host, fd, (open) => {
      const wantedBase = BigInt.asUintN(64, base);
      const wantedInheriting = BigInt.asUintN(64, inheriting);
      if ((wantedBase & ~open.base) !== 0n || (wantedInheriting & ~open.inheriting) !== 0n) return ERRNO.ENOTCAPABLE;
      open.base = wantedBase;
      open.inheriting = wantedInheriting;
      return ERRNO.SUCCESS;
    }),
  fd_filestat_get: (host, fd: number, result: number) =>
    onDescriptor(host, fd, ({ description }) => {
      const stat = description.stat();
      return typeof stat === "string" ? errnoOf(stat) : writeFileStat(host, result, stat, description.kind);
    }),
  fd_filestat_set_size: (host, fd: number, size: bigint) =>
    onDescriptor(host, fd, ({ description, base }) => {
      if (description.kind !== "file" || (base & RIGHT.FD_FILESTAT_SET_SIZE) === 0n) return ERRNO.EBADF;
      return done(description.truncate(Number(BigInt.asUintN(64, size))));
    }),
  fd_filestat_set_times: (host, fd: number, accessed: bigint, modified: bigint, flags: number) =>
    onDescriptor(host, fd, ({ description }) => {
      const wanted = wantedTimes(host, accessed, modified, flags);
      if (typeof wanted === "number") return wanted;
      return setExactTimes(
        host,
        wanted,
        () => description.stat(),
        (times) => description.setTimes(times),
      );
    }),
  fd_advise: (host, fd: number, offset: bigint, length: bigint, advice: number) =>
    onDescriptor(host, fd, ({ description }) => {
      if (description.kind !== "file") return description.kind === "directory" ? ERRNO.EBADF : ERRNO.ESPIPE;
      return offset < 0n || length < 0n || advice < 0 || advice > LAST_ADVICE ? ERRNO.EINVAL : ERRNO.SUCCESS;
    }),
  fd_allocate: (host, fd: number, offset: bigint, length: bigint) =>
    onDescriptor(host, fd, ({ description, base }) => {
      if (description.kind !== "file") return description.kind === "directory" ? ERRNO.EBADF : ERRNO.ESPIPE;
      if ((base & RIGHT.FD_ALLOCATE) === 0n) return ERRNO.EBADF;
      if (offset < 0n || length <= 0n) return ERRNO.EINVAL;
      const stat = description.stat();
      if (typeof stat === "string") return errnoOf(stat);
      const end = Number(offset) + Number(length);
      return end > stat.size ? done(description.truncate(end)) : ERRNO.SUCCESS;
    }),
  fd_prestat_get: (host, fd: number, result: number) =>
    onDescriptor(host, fd, ({ preopen }) => {
      if (preopen === undefined) return ERRNO.EBADF;
      const at = result >>> 0;
      if (!host.memory.clear(at, PRESTAT_BYTES)) return ERRNO.EFAULT;
      host.memory.setU32(at + 4, preopen.length);
      return ERRNO.SUCCESS;
    }),
  fd_prestat_dir_name: (host, fd: number, buffer: number, length: number) =>
    onDescriptor(host, fd, ({ preopen }) => {
      if (preopen === undefined) return ERRNO.EBADF;
      if (length >>> 0 < preopen.length) return ERRNO.ENAMETOOLONG;
      return host.memory.write(buffer, preopen) ? ERRNO.SUCCESS : ERRNO.EFAULT;
    }),
};
