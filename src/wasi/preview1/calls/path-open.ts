import { deviceAt } from "../devices.ts";
import type { Device } from "../devices.ts";
import { DirectoryDescription } from "../descriptors/directory-description.ts";
import { FileDescription } from "../descriptors/file-description.ts";
import { ERRNO, errnoOf } from "../errno.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { DIRECTORY_RIGHTS, FILE_RIGHTS, RIGHT, WRITING_RIGHTS } from "../host/rights.ts";
import { ALL_FDFLAGS, ALL_OFLAGS, FDFLAG, LOOKUPFLAG, OFLAG } from "./flags.ts";
import { pathArgument } from "./guest-paths.ts";

/** `path_open`: the rights that are asked for say whether a file is opened for reading and for writing. */
export function pathOpen(
  host: Preview1Host,
  fd: number,
  lookup: number,
  path: number,
  length: number,
  oflags: number,
  base: bigint,
  inheriting: bigint,
  fdflags: number,
  result: number,
): number {
  const at = pathArgument(host, fd, path, length);
  if (typeof at === "number") return at;
  if (!host.memory.has(result, 4)) return ERRNO.EFAULT;
  if ((oflags & ~ALL_OFLAGS) !== 0 || (fdflags & ~ALL_FDFLAGS) !== 0) return ERRNO.EINVAL;
  const truncate = (oflags & OFLAG.TRUNC) !== 0;
  if (truncate && (at.directory.base & RIGHT.PATH_FILESTAT_SET_SIZE) === 0n) return ERRNO.ENOTCAPABLE;
  const granted = BigInt.asUintN(64, base) & at.directory.inheriting;
  const write = (granted & WRITING_RIGHTS) !== 0n;
  const append = (fdflags & FDFLAG.APPEND) !== 0;
  const directory = (oflags & OFLAG.DIRECTORY) !== 0;
  const device = deviceAt(host.devices, at.path, at.cwd);
  if (device !== undefined) return openDevice(host, device, { oflags, granted, fdflags, result });
  const open = host.powers.files.open(
    at.path,
    {
      // Appending is the description's: the guest may turn it off again (`fd_fdstat_set_flags`).
      // A descriptor without either right is still one that can be asked about.
      read: !write || (granted & RIGHT.FD_READ) !== 0n,
      write: write || truncate,
      create: (oflags & OFLAG.CREAT) !== 0,
      exclusive: (oflags & OFLAG.EXCL) !== 0,
      truncate,
      directory,
      noFollow: (lookup & LOOKUPFLAG.SYMLINK_FOLLOW) === 0,
    },
    at.cwd,
  );
  if (typeof open === "string") return errnoOf(open);
  const description =
    open.kind === "file" ? new FileDescription(open, { read: true, write, append }) : new DirectoryDescription(open);
  const number = host.descriptors.add({
    description,
    base: granted & (open.kind === "file" ? FILE_RIGHTS : DIRECTORY_RIGHTS),
    inheriting: BigInt.asUintN(64, inheriting) & at.directory.inheriting,
    flags: fdflags,
  });
  if (typeof number === "string") return errnoOf(number);
  return host.memory.setU32(result, number) ? ERRNO.SUCCESS : ERRNO.EFAULT;
}

interface DeviceOpening {
  readonly oflags: number;
  readonly granted: bigint;
  readonly fdflags: number;
  readonly result: number;
}

function openDevice(host: Preview1Host, device: Device, opening: DeviceOpening): number {
  const { oflags, granted, fdflags, result } = opening;
  if ((oflags & OFLAG.DIRECTORY) !== 0) return ERRNO.ENOTDIR;
  if ((oflags & OFLAG.EXCL) !== 0) return ERRNO.EEXIST;
  if (device.kind === "file" && (granted & WRITING_RIGHTS) !== 0n) return ERRNO.EROFS;
  const number = host.descriptors.add({
    description: device.open(),
    base: granted & FILE_RIGHTS,
    inheriting: 0n,
    flags: fdflags,
  });
  if (typeof number === "string") return errnoOf(number);
  return host.memory.setU32(result, number) ? ERRNO.SUCCESS : ERRNO.EFAULT;
}
