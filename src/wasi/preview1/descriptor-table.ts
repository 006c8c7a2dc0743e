import type { FileResult } from "../../capabilities/files/file-system.ts";
import type { Description } from "./description.ts";

/** Descriptors that one guest may hold open, standard streams included. */
const MAX_DESCRIPTORS = 256;

/** An open file, and how many numbers mean it. */
interface Shared {
  readonly description: Description;
  references: number;
}

/** Which number means which open file. Numbers are handed out lowest first, as POSIX wants. */
export class DescriptorTable {
  /** By number; a list, since files are opened and closed far more often than a map likes to be changed. */
  readonly #open: (Shared | undefined)[] = [];

  get(fd: number): Description | undefined {
    return this.#open[fd]?.description;
  }

  /** Gives `description` the lowest free number from `from` on; closes it if there is none. */
  add(description: Description, from = 0): FileResult<number> {
    return this.#place({ description, references: 0 }, from);
  }

  /** Makes a second number for the same open file: position and flags are shared. */
  duplicate(fd: number, from = 0): FileResult<number> {
    const shared = this.#open[fd];
    if (shared === undefined) return "EBADF";
    return this.#place(shared, from);
  }

  /** Makes `to` mean what `fd` means; what `to` was is closed. */
  duplicateTo(fd: number, to: number): FileResult<number> {
    const shared = this.#open[fd];
    if (shared === undefined || to < 0 || to >= MAX_DESCRIPTORS) return "EBADF";
    if (fd === to) return fd;
    this.close(to);
    shared.references++;
    this.#open[to] = shared;
    return to;
  }

  /** Puts `description` at a given number (the standard streams). */
  set(fd: number, description: Description): void {
    this.close(fd);
    this.#open[fd] = { description, references: 1 };
  }

  close(fd: number): FileResult<void> {
    const shared = this.#open[fd];
    if (shared === undefined) return "EBADF";
    this.#open[fd] = undefined;
    if (--shared.references === 0) shared.description.close();
    return undefined;
  }

  /** Which numbers there are, each with its description: duplicates share one. */
  entries(): readonly (readonly [fd: number, description: Description])[] {
    return this.#open.flatMap((shared, fd) => (shared === undefined ? [] : [[fd, shared.description] as const]));
  }

  closeAll(): void {
    for (const fd of this.#open.keys()) this.close(fd);
    this.#open.length = 0;
  }

  #place(shared: Shared, from: number): FileResult<number> {
    for (let fd = Math.max(from, 0); fd < MAX_DESCRIPTORS; fd++) {
      if (this.#open[fd] !== undefined) continue;
      shared.references++;
      this.#open[fd] = shared;
      return fd;
    }
    if (shared.references === 0) shared.description.close();
    return from >= MAX_DESCRIPTORS ? "EINVAL" : "EMFILE";
  }
}
