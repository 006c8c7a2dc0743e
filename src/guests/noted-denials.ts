import type { DenialSink } from "../capabilities/denials/denial-log.ts";

/**
 * What a guest's prelude may note by itself, by letter: powers whose refusal never reaches the host, because the interpreter
 * has no call for them. Notes are made inside the guest, so they can be forged or withheld; what they name is bounded.
 */
const NOTED: ReadonlyMap<string, string> = new Map([
  ["I", "import"],
  ["K", "process.kill"],
  ["P", "process.spawn"],
  ["R", "network.resolve"],
  ["S", "network.socket"],
  ["T", "thread.start"],
]);

/** The rule of what no sandbox provides, whatever its policy. */
export const SEALED = "sealed";

/** Longest note that is read, in bytes. */
export const MAX_NOTE = 1_024;

/** Takes a note: its letter and what was asked for. False if it is none. */
export function takeNote(denials: DenialSink, letter: string, where: string): boolean {
  const what = NOTED.get(letter);
  if (what === undefined) return false;
  denials.note(what, where, SEALED);
  return true;
}
