import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import type { FileHandle, FileResult, FileStat, FileTimes, OpenMode } from "../../../capabilities/files/file-system.ts";
import type { Location } from "./broker.ts";
import { attempt, errnoOf, ErrnoFailure } from "./errno-failure.ts";
import { guestStat, identityOf, refuseShared, sameIdentity } from "./host-stat.ts";
import type { HostTree } from "./host-tree.ts";
import { mergedTimes } from "./merged-times.ts";

/** An open host file. */
export class HostHandle implements FileHandle {
  readonly #tree: HostTree;
  readonly #mode: OpenMode;
  #descriptor: number | undefined;

  private constructor(tree: HostTree, mode: OpenMode, descriptor: number) {
    this.#tree = tree;
    this.#mode = mode;
    this.#descriptor = descriptor;
  }

  /** Opens what `location` stood for when it was found, or throws. */
  static open(tree: HostTree, location: Location, mode: OpenMode): HostHandle {
    if (mode.write || mode.append || mode.truncate) tree.checkWritable();
    tree.checkOpen();
    const descriptor = openSync(tree.broker.pathOf(location), openFlags(mode) | tree.broker.openFlags);
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      if (!sameIdentity(identityOf(stats), location.identity)) throw new ErrnoFailure("ENOENT");
      tree.broker.confirm(location);
      if (mode.write || mode.truncate) refuseShared(stats);
      // Only now that it is known to be the right file; O_TRUNC would have emptied a wrong one.
      if (mode.truncate) {
        tree.budget.resize(Number(stats.size), 0);
        ftruncateSync(descriptor, 0);
      }
      return new HostHandle(tree, mode, descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  stat(): FileResult<FileStat> {
    return attempt(() => guestStat(fstatSync(this.#usable(), { bigint: true }), this.#tree.writable));
  }

  read(into: Uint8Array, position: number): FileResult<number> {
    if (!this.#mode.read) return "EBADF";
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return "EBADF";
    try {
      return readSync(descriptor, into, 0, into.length, position);
    } catch (error) {
      return errnoOf(error);
    }
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    if (!this.#mode.write) return "EBADF";
    return attempt(() => {
      const descriptor = this.#usable();
      const size = Number(fstatSync(descriptor, { bigint: true }).size);
      const start = this.#mode.append ? size : position;
      if (from.length === 0) return 0;
      this.#tree.budget.resize(size, Math.max(size, start + from.length));
      return writeSync(descriptor, from, 0, from.length, start);
    });
  }

  truncate(size: number): FileResult<void> {
    if (!this.#mode.write) return "EBADF";
    return attempt(() => {
      const descriptor = this.#usable();
      this.#tree.budget.resize(Number(fstatSync(descriptor, { bigint: true }).size), size);
      ftruncateSync(descriptor, size);
    });
  }

  setTimes(times: FileTimes): FileResult<void> {
    return attempt(() => {
      this.#tree.checkWritable();
      const descriptor = this.#usable();
      const stats = fstatSync(descriptor, { bigint: true });
      refuseShared(stats);
      const { accessed, modified } = mergedTimes(times, stats);
      futimesSync(descriptor, accessed, modified);
    });
  }

  /** For a guest it does nothing: a real `fsync` waits for the disk, longer than any deadline allows. */
  sync(): FileResult<void> {
    return attempt(() => {
      const descriptor = this.#usable();
      if (this.#tree.durable) fsyncSync(descriptor);
    });
  }

  /** Gives the file the permissions that a new version of `replaced` must have, and its owner where this process may. */
  adopt(replaced: BigIntStats): FileResult<void> {
    return attempt(() => {
      const descriptor = this.#usable();
      const own = fstatSync(descriptor, { bigint: true });
      if (own.uid !== replaced.uid || own.gid !== replaced.gid) {
        // Only root may; for everybody else the new version is their own.
        attempt(() => fchownSync(descriptor, Number(replaced.uid), Number(replaced.gid)));
      }
      // Without set-user-ID and its like: the content is a guest's.
      fchmodSync(descriptor, Number(replaced.mode) & 0o777);
    });
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) closeSync(descriptor);
  }

  #usable(): number {
    if (this.#descriptor === undefined) throw new ErrnoFailure("EBADF");
    return this.#descriptor;
  }
}

/** O_NONBLOCK, so that a FIFO that was put in place of the file cannot hang the host. */
function openFlags(mode: OpenMode): number {
  let flags = constants.O_RDONLY;
  if (mode.write) flags = mode.read ? constants.O_RDWR : constants.O_WRONLY;
  if (mode.append) flags |= constants.O_APPEND;
  // Windows has neither.
  return flags | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
}
