import type { DirectoryEntry, FileStat, NodeKind } from "../file-system.ts";
import { isEntryName } from "../guest-path.ts";
import type { Verdict } from "./answer-check.ts";

/** As many as a host directory may list; checking them is a few milliseconds of work. */
const MAX_ENTRIES = 65_536;

export function nothing(answer: unknown): Verdict<undefined> {
  return answer === undefined ? { value: undefined } : { why: "it answered where only undefined or an errno can be" };
}

export function countUpTo(most: number): (answer: unknown) => Verdict<number> {
  return (answer) => {
    if (typeof answer === "number" && Number.isInteger(answer) && answer >= 0 && answer <= most)
      return { value: answer };
    return { why: `it answered a count that is none of 0 to ${most}` };
  };
}

export function statOf(kind: NodeKind): (answer: unknown) => Verdict<FileStat> {
  return (answer) => {
    const { kind: told, size, inode, links, writable, accessedMs, modifiedMs, changedMs } = fieldsOf(answer);
    if (told !== kind) return { why: `its stat says another kind than "${kind}"` };
    if (!isCount(size)) return { why: "its stat has a size that is no whole number of bytes" };
    if (![accessedMs, modifiedMs, changedMs].every((time) => typeof time === "number" && Number.isFinite(time)))
      return { why: "its stat has a time that is no number" };
    return {
      value: {
        kind,
        size,
        inode: isCount(inode) ? inode : 0,
        links: isCount(links) ? links : 1,
        writable: writable === true,
        accessedMs: Number(accessedMs),
        modifiedMs: Number(modifiedMs),
        changedMs: Number(changedMs),
      },
    };
  };
}

export function entries(answer: unknown): Verdict<readonly DirectoryEntry[]> {
  if (!Array.isArray(answer)) return { why: "its list is no array" };
  if (answer.length > MAX_ENTRIES)
    return { why: `it listed ${answer.length} entries, and ${MAX_ENTRIES} are the most` };
  const checked = new Map<string, DirectoryEntry>();
  for (let index = 0; index < answer.length; index += 1) {
    const { name, kind, inode } = fieldsOf(answer[index]);
    if (typeof name !== "string" || !isEntryName(name) || !isKind(kind))
      return { why: "it listed what can be no entry" };
    if (!checked.has(name)) checked.set(name, { name, kind, inode: isCount(inode) ? inode : 0 });
  }
  return { value: [...checked.values()] };
}

export function target(answer: unknown): Verdict<{ readonly target: string }> {
  const { target: text } = fieldsOf(answer);
  return typeof text === "string" ? { value: { target: text } } : { why: "its link has no target" };
}

export function isKind(kind: unknown): kind is NodeKind {
  return kind === "file" || kind === "directory" || kind === "symlink";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
