import type { FileResult } from "../../capabilities/files/file-system.ts";
import type { Description } from "./description.ts";

/** Descriptors that one guest may hold open, standard streams included. */
const MAX_DESCRIPTORS = 256;

interface Slot {
  readonly shared: { readonly description: Description; references: number };
}

/** Which number means which open file. Numbers are handed out lowest first, as POSIX wants. */
export class DescriptorTable {
  readonly #slots = new Map<number, Slot>();

  get(fd: number): Description | undefined {
    return this.#slots.get(fd)?.shared.description;
  }

  /** Gives `description` the lowest free number from `from` on; closes it if there is none. */
  add(description: Description, from = 0): FileResult<number> {
    return this.#place({ description, references: 0 }, from);
  }

  /** Makes a second number for the same open file: position and flags are shared. */
  duplicate(fd: number, from = 0): FileResult<number> {
    const slot = this.#slots.get(fd);
    if (slot === undefined) return "EBADF";
    return this.#place(slot.shared, from);
  }

  /** Makes `to` mean what `fd` means; what `to` was is closed. */
  duplicateTo(fd: number, to: number): FileResult<number> {
    const slot = this.#slots.get(fd);
    if (slot === undefined || to < 0 || to >= MAX_DESCRIPTORS) return "EBADF";
    if (fd === to) return fd;
    this.close(to);
    slot.shared.references++;
    this.#slots.set(to, { shared: slot.shared });
    return to;
  }

  /** Puts `description` at a given number (the standard streams). */
  set(fd: number, description: Description): void {
    this.close(fd);
    this.#slots.set(fd, { shared: { description, references: 1 } });
  }

  close(fd: number): FileResult<void> {
    const slot = this.#slots.get(fd);
    if (slot === undefined) return "EBADF";
    this.#slots.delete(fd);
    if (--slot.shared.references === 0) slot.shared.description.close();
    return undefined;
  }

  /** Which numbers there are, each with its description: duplicates share one. */
  entries(): readonly (readonly [fd: number, description: Description])[] {
    return Array.from(this.#slots, ([fd, { shared }]) => [fd, shared.description]);
  }

  closeAll(): void {
    for (const fd of this.#slots.keys()) this.close(fd);
  }

  #place(shared: Slot["shared"], from: number): FileResult<number> {
    for (let fd = Math.max(from, 0); fd < MAX_DESCRIPTORS; fd++) {
      if (this.#slots.has(fd)) continue;
      shared.references++;
      this.#slots.set(fd, { shared });
      return fd;
    }
    if (shared.references === 0) shared.description.close();
    return from >= MAX_DESCRIPTORS ? "EINVAL" : "EMFILE";
  }
}
