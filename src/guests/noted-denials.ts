import { SEALED } from "../capabilities/denials/denial-log.ts";
import type { DenialSink } from "../capabilities/denials/denial-log.ts";

/**
 * What a guest's prelude may note by itself, by letter: powers whose refusal never reaches the host, because the interpreter
 * has no call for them. Notes are made inside the guest, so they can be forged or withheld; what they name is bounded.
 */
const NOTED: ReadonlyMap<string, readonly [what: string, rule: string]> = new Map([
  ["C", ["clock.set", SEALED]],
  ["I", ["import", SEALED]],
  ["K", ["process.kill", SEALED]],
  ["N", ["network.resolve", SEALED]],
  ["P", ["process.spawn", SEALED]],
  ["R", ["process.privileges", SEALED]],
  ["S", ["network.socket", SEALED]],
  ["T", ["thread.start", SEALED]],
  ["U", ["tools.call", "no such tool"]],
]);

/** Longest note that is read, in bytes. */
export const MAX_NOTE = 1_024;

/** Takes a note: its letter and what was asked for. False if it is none. */
export function takeNote(denials: DenialSink, letter: string, where: string): boolean {
  const noted = NOTED.get(letter);
  if (noted === undefined) return false;
  const [what, rule] = noted;
  denials.note(what, where, rule);
  return true;
}
