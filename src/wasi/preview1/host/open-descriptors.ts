import type { FileResult } from "../../../capabilities/files/file-system.ts";
import type { Description } from "../description.ts";

/** Descriptors that one guest may hold open, standard streams and preopened directories included. */
const MAX_DESCRIPTORS = 256;

/** What preview 1 knows of an open descriptor, beside what it stands for. */
export interface OpenDescriptor {
  readonly description: Description;
  /** What it may be used for. */
  base: bigint;
  /** What is opened below it may be used for. */
  inheriting: bigint;
  /** `fdflags` as the guest set them. */
  flags: number;
  /** Set for a preopened directory: its path in UTF-8. */
  readonly preopen?: Uint8Array<ArrayBuffer> | undefined;
}

/** Which number means which descriptor. The lowest free number comes first, as programs written for POSIX expect. */
export class OpenDescriptors {
  readonly #open: (OpenDescriptor | undefined)[] = [];

  /** Descriptors that are open. */
  get count(): number {
    return this.entries().length;
  }

  /** What is open, in the order of the numbers. */
  entries(): readonly (readonly [fd: number, descriptor: OpenDescriptor])[] {
    return this.#open.flatMap((descriptor, fd) => (descriptor === undefined ? [] : [[fd, descriptor] as const]));
  }

  /** Gives a descriptor a number of its own. False: there is no such number, or it is taken. */
  put(fd: number, descriptor: OpenDescriptor): boolean {
    if (!Number.isInteger(fd) || fd < 0 || fd >= MAX_DESCRIPTORS || this.#open[fd] !== undefined) return false;
    this.#open[fd] = descriptor;
    return true;
  }

  get(fd: number): OpenDescriptor | undefined {
    return this.#open[fd >>> 0];
  }

  /** Closes `descriptor` if there is no number left. */
  add(descriptor: OpenDescriptor): FileResult<number> {
    let fd = 0;
    while (this.#open[fd] !== undefined) fd++;
    if (fd >= MAX_DESCRIPTORS) {
      descriptor.description.close();
      return "EMFILE";
    }
    this.#open[fd] = descriptor;
    return fd;
  }

  close(fd: number): FileResult<void> {
    const descriptor = this.get(fd);
    if (descriptor === undefined) return "EBADF";
    this.#open[fd >>> 0] = undefined;
    descriptor.description.close();
    return undefined;
  }

  /** Gives what `from` means to `to`, which must be open and is closed. */
  renumber(from: number, to: number): FileResult<void> {
    const descriptor = this.get(from);
    const replaced = this.get(to);
    if (descriptor === undefined || replaced === undefined) return "EBADF";
    if (descriptor === replaced) return undefined;
    this.#open[from >>> 0] = undefined;
    this.#open[to >>> 0] = descriptor;
    replaced.description.close();
    return undefined;
  }

  closeAll(): void {
    for (const descriptor of this.#open) descriptor?.description.close();
    this.#open.length = 0;
  }
}
