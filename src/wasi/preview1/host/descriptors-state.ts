import { restoreDescription } from "../restore-descriptors.ts";
import type { DescriptorPowers } from "../restore-descriptors.ts";
import type { DescriptionState } from "../description.ts";
import type { OpenDescriptors } from "./open-descriptors.ts";

/** One open descriptor as JSON data; rights are in hexadecimal. */
export interface DescriptorState {
  readonly fd: number;
  readonly description: DescriptionState;
  readonly base: string;
  readonly inheriting: string;
  readonly flags: number;
  readonly preopen: string | undefined;
}

/** Everything that is open. */
export function captureOpen(open: OpenDescriptors): readonly DescriptorState[] {
  return open.entries().map(([fd, { description, base, inheriting, flags, preopen }]) => ({
    fd,
    description: description.capture(),
    base: base.toString(16),
    inheriting: inheriting.toString(16),
    flags,
    preopen: preopen && new TextDecoder().decode(preopen),
  }));
}

/**
 * Opens all of it again, in place of what is open. The state may be forged: false, with some of it open, if it is no such
 * state; and nothing comes out of it that the guest could not open. What is gone answers EIO.
 */
export function restoreOpen(open: OpenDescriptors, states: unknown, powers: DescriptorPowers): boolean {
  open.closeAll();
  if (!Array.isArray(states)) return false;
  for (const state of states as unknown[]) {
    const { fd, description, base, inheriting, flags, preopen } = fieldsOf(state);
    const rights = rightsOf(base);
    const inherited = rightsOf(inheriting);
    if (typeof fd !== "number" || rights === undefined || inherited === undefined) return false;
    if (!Number.isInteger(flags) || !(preopen === undefined || typeof preopen === "string")) return false;
    const made = restoreDescription(fieldsOf(description), powers, NO_PIPES);
    if (made === undefined) return false;
    const descriptor = {
      description: made,
      base: rights,
      inheriting: inherited,
      flags: flags as number,
      preopen: preopen === undefined ? undefined : new TextEncoder().encode(preopen),
    };
    if (!open.put(fd, descriptor)) {
      made.close();
      return false;
    }
  }
  return true;
}

/** Preview 1 has no way to make one. */
const NO_PIPES: readonly [] = [];

function rightsOf(text: unknown): bigint | undefined {
  return typeof text === "string" && /^[0-9a-f]{1,16}$/.test(text) ? BigInt(`0x${text}`) : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
