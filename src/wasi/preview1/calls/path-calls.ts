import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { deviceAt, deviceParent } from "../devices.ts";
import { ERRNO, errnoOf } from "../errno.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { done } from "./call.ts";
import type { CallTable } from "./call.ts";
import { setExactTimes, wantedTimes, writeFileStat } from "./file-stat.ts";
import { LOOKUPFLAG } from "./flags.ts";
import { absolutePath, pathArgument, textArgument } from "./guest-paths.ts";
import type { PathArgument } from "./guest-paths.ts";
import { pathOpen } from "./path-open.ts";

/** What is named by a path below an open directory. */
export const pathCalls: CallTable = {
  path_open: pathOpen,
  path_create_directory: (host, fd: number, path: number, length: number) =>
    onPath(host, fd, path, length, (at) => done(host.powers.files.makeDirectory(at.path, at.cwd))),
  path_remove_directory: (host, fd: number, path: number, length: number) =>
    onPath(host, fd, path, length, (at) => done(host.powers.files.removeDirectory(at.path, at.cwd))),
  path_unlink_file: (host, fd: number, path: number, length: number) =>
    onPath(host, fd, path, length, (at) =>
      deviceAt(host.devices, at.path, at.cwd) === undefined
        ? done(host.powers.files.removeFile(at.path, at.cwd))
        : ERRNO.EROFS,
    ),
  path_filestat_get: (host, fd: number, flags: number, path: number, length: number, result: number) =>
    onPath(host, fd, path, length, (at) => {
      const device = deviceAt(host.devices, at.path, at.cwd);
      if (device !== undefined) return writeFileStat(host, result, device.stat, device.kind);
      const found = host.powers.files.stat(at.path, follows(flags), at.cwd);
      const stat = found === "ENOENT" ? (deviceParent(host.devices, at.path, at.cwd) ?? found) : found;
      return typeof stat === "string" ? errnoOf(stat) : writeFileStat(host, result, stat);
    }),
  path_filestat_set_times: (
    host,
    fd: number,
    flags: number,
    path: number,
    length: number,
    accessed: bigint,
    modified: bigint,
    which: number,
  ) =>
    onPath(host, fd, path, length, (at) => {
      const { files } = host.powers;
      const wanted = wantedTimes(host, accessed, modified, which);
      if (typeof wanted === "number") return wanted;
      return setExactTimes(
        host,
        wanted,
        () => files.stat(at.path, follows(flags), at.cwd),
        (times) => files.setTimes(at.path, times, follows(flags), at.cwd),
      );
    }),
  path_readlink: (host, fd: number, path: number, length: number, buffer: number, size: number, result: number) =>
    onPath(host, fd, path, length, (at) => {
      const room = host.memory.view(buffer, size);
      if (room === undefined || !host.memory.has(result, 4)) return ERRNO.EFAULT;
      const link = host.powers.files.readLink(at.path, at.cwd);
      if (typeof link === "string") return errnoOf(link);
      const target = encoder.encode(link.target).subarray(0, room.length);
      room.set(target);
      return host.memory.setU32(result, target.length) ? ERRNO.SUCCESS : ERRNO.EFAULT;
    }),
  path_symlink: (host, target: number, targetLength: number, fd: number, path: number, length: number) => {
    const text = textArgument(host, target, targetLength);
    if (typeof text === "number") return text;
    // A link to an absolute path would mean another place for a program with other directories.
    if (text.startsWith("/")) return ERRNO.EPERM;
    return onPath(host, fd, path, length, (at) => done(host.powers.files.symlink(text, at.path, at.cwd)));
  },
  path_link: (
    host,
    fromFd: number,
    flags: number,
    from: number,
    fromLength: number,
    toFd: number,
    to: number,
    toLength: number,
  ) => {
    if (follows(flags)) return ERRNO.EINVAL;
    return onPaths(host, [fromFd, from, fromLength], [toFd, to, toLength], (source, target) =>
      host.powers.files.link(source, target),
    );
  },
  path_rename: (host, fromFd: number, from: number, fromLength: number, toFd: number, to: number, toLength: number) =>
    onPaths(host, [fromFd, from, fromLength], [toFd, to, toLength], (source, target) =>
      host.powers.files.rename(source, target),
    ),
};

const encoder = new TextEncoder();

function follows(flags: number): boolean {
  return (flags & LOOKUPFLAG.SYMLINK_FOLLOW) !== 0;
}

function onPath(
  host: Preview1Host,
  fd: number,
  path: number,
  length: number,
  act: (at: PathArgument) => number,
): number {
  const at = pathArgument(host, fd, path, length);
  return typeof at === "number" ? at : act(at);
}

type PathWords = readonly [fd: number, address: number, length: number];

function onPaths(
  host: Preview1Host,
  from: PathWords,
  to: PathWords,
  act: (from: string, to: string) => FileResult<void>,
): number {
  return onPath(host, ...from, (source) =>
    onPath(host, ...to, (target) => done(act(absolutePath(source), absolutePath(target)))),
  );
}
