import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { Broker, Location } from "./broker.ts";
import { ErrnoFailure } from "./errno-failure.ts";
import { identityOf, sameIdentity } from "./host-stat.ts";

/** Linux's O_PATH (asm-generic/fcntl.h), which Node does not name: a descriptor that only says which file is meant. */
const O_PATH = 0o10000000;

/** Descriptors of looked-up nodes held at once; they are reopened when needed again. */
const MAX_HELD = 32;

/**
 * The broker for Linux: every directory on the way is held by a descriptor, and the next name is opened relative to
 * it, as `openat` does, through `/proc/self/fd/<descriptor>/<name>` with O_PATH | O_NOFOLLOW. No step follows a
 * symlink, nothing is opened that could block or act (FIFO, device), and a directory that is swapped for something
 * else meanwhile does not matter, since its descriptor still means the old one.
 */
export class DescriptorBroker implements Broker {
  readonly root: Location;
  /** `/proc/self/fd/<n>` is a link by nature, to exactly one file. */
  readonly openFlags: number = 0;
  readonly #rootDescriptor: number;
  /** In the order of opening. */
  readonly #held: Map<Location, number> = new Map();

  constructor(rootDescriptor: number) {
    this.#rootDescriptor = rootDescriptor;
    this.root = { parent: undefined, name: "", identity: identityOf(fstatSync(rootDescriptor, { bigint: true })) };
  }

  /** Opens `path`, following symlinks as the caller of the API means it; undefined where this way of working does not exist. */
  static open(path: string): DescriptorBroker | undefined {
    if (process.platform !== "linux") return undefined;
    const descriptor = openSync(path, O_PATH | constants.O_DIRECTORY);
    if (isPathDescriptor(descriptor) && hasProc(descriptor)) return new DescriptorBroker(descriptor);
    closeSync(descriptor);
    return undefined;
  }

  look(directory: Location, name: string): { readonly location: Location; readonly stats: BigIntStats } {
    const descriptor = openEntry(this.#descriptor(directory), name);
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      const location = { parent: directory, name, identity: identityOf(stats) };
      this.#hold(location, descriptor);
      return { location, stats };
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  stats(location: Location): BigIntStats {
    return fstatSync(this.#descriptor(location), { bigint: true });
  }

  pathOf(location: Location): string {
    return `/proc/self/fd/${this.#descriptor(location)}`;
  }

  entryPath(directory: Location, name: string): string {
    return `/proc/self/fd/${this.#descriptor(directory)}/${name}`;
  }

  confirm(): void {
    // Descriptors cannot be redirected.
  }

  settle(): void {
    for (const descriptor of this.#held.values()) closeSync(descriptor);
    this.#held.clear();
  }

  dispose(): void {
    this.settle();
    closeSync(this.#rootDescriptor);
  }

  #descriptor(location: Location): number {
    // The nearest one that is open, and the names from there down.
    const missing: Location[] = [];
    let at: Location = location;
    while (at.parent !== undefined && !this.#held.has(at)) {
      missing.push(at);
      at = at.parent;
    }
    let descriptor = this.#held.get(at) ?? this.#rootDescriptor;
    let temporary: number | undefined;
    for (const next of missing.toReversed()) {
      const opened = openSame(descriptor, next, temporary);
      temporary = opened;
      descriptor = opened;
    }
    if (temporary !== undefined) this.#hold(location, temporary);
    return descriptor;
  }

  /** One call holds one more, so the two descriptors of a rename are never the ones to go. */
  #hold(location: Location, descriptor: number): void {
    for (const [oldest, old] of this.#held) {
      if (this.#held.size < MAX_HELD) break;
      this.#held.delete(oldest);
      closeSync(old);
    }
    this.#held.set(location, descriptor);
  }
}

function openEntry(directory: number, name: string): number {
  return openSync(`/proc/self/fd/${directory}/${name}`, O_PATH | constants.O_NOFOLLOW);
}

/** Opens what must still be the same as before; closes `done`, the descriptor of the step before, if there is one. */
function openSame(directory: number, location: Location, done: number | undefined): number {
  let opened: number | undefined;
  try {
    opened = openEntry(directory, location.name);
    if (sameIdentity(identityOf(fstatSync(opened, { bigint: true })), location.identity)) return opened;
    throw new ErrnoFailure("ENOENT");
  } catch (error) {
    if (opened !== undefined) closeSync(opened);
    throw error;
  } finally {
    if (done !== undefined) closeSync(done);
  }
}

/** Whether O_PATH means what it should: such a descriptor refuses to read with EBADF. */
function isPathDescriptor(descriptor: number): boolean {
  try {
    readSync(descriptor, new Uint8Array(1), 0, 1, 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EBADF";
  }
}

function hasProc(descriptor: number): boolean {
  try {
    const direct = fstatSync(descriptor, { bigint: true });
    const through = statSync(`/proc/self/fd/${descriptor}/.`, { bigint: true });
    return sameIdentity(identityOf(direct), identityOf(through));
  } catch {
    return false;
  }
}
