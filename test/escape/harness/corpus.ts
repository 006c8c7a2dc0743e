import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Attack, AttackClass, CorpusEntry } from "./attack.ts";

/** The corpus is not part of the package: a folder beside the repository, or wherever WARDIAN_ATTACKS says. */
const file =
  process.env["WARDIAN_ATTACKS"] ?? path.resolve(import.meta.dirname, "../../../../shared/attacks/attacks.json");

/** Undefined if there is no corpus on this machine. */
export const corpus: readonly CorpusEntry[] | undefined = existsSync(file)
  ? (JSON.parse(readFileSync(file, "utf8")) as readonly CorpusEntry[])
  : undefined;

/** The attacks of a class: those of the corpus, if it is here, then ours. */
export function attacksOf(kind: AttackClass): readonly Attack[] {
  const entries = (corpus ?? []).filter(({ cls }) => cls === kind.letter);
  const known = entries.map((entry): Attack => {
    const attempt = kind.corpus.get(entry.id);
    return {
      id: entry.id,
      title: entry.code.replaceAll(/\s+/g, " ").slice(0, 80),
      attempt:
        attempt?.(entry) ??
        (() => {
          throw new Error(`Class ${kind.letter} says nothing about ${entry.id}: ${entry.code} (${entry.expect})`);
        }),
    };
  });
  return [...known, ...kind.variants];
}
