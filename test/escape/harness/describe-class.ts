import { afterAll, describe, expect, test } from "vitest";
import { attacksOf, corpus } from "./corpus.ts";
import type { AttackClass } from "./attack.ts";
import { VictimProcess } from "./victim-process.ts";
import type { Outcome } from "./victim-process.ts";

/** Tries every attack of a class on a process of its own and prints how many did what. */
export function describeClass(kind: AttackClass): void {
  describe(`class ${kind.letter}: ${kind.title}`, () => {
    const attacks = attacksOf(kind);
    const victim = new VictimProcess();
    const outcomes: Outcome["kind"][] = [];
    const counted = (wanted: Outcome["kind"]): number => outcomes.filter((kind) => kind === wanted).length;

    afterAll(async () => {
      await victim.close();
      const ours = kind.variants.length;
      console.log(
        `attacks of class ${kind.letter} (${kind.title}): ${attacks.length - ours} of the corpus and ${ours} of ours, ` +
          `${outcomes.length} tried: ${counted("breach")} breaches, ${counted("hang")} hangs, ${counted("death")} process deaths`,
      );
      if (corpus === undefined) console.log("the corpus is not here: set WARDIAN_ATTACKS to its file");
    });

    test.skipIf(corpus === undefined)("every entry of the corpus is tried", () => {
      const entries = (corpus ?? []).filter(({ cls }) => cls === kind.letter).map(({ id }) => id);
      expect([...kind.corpus.keys()].toSorted()).toEqual(entries.toSorted());
    });

    test.each(attacks.map(({ id, title }) => [id, title] as const))(
      "%s %s",
      async (id) => {
        const outcome = await victim.attempt({ letter: kind.letter, id });
        outcomes.push(outcome.kind);
        expect(outcome).toEqual({ kind: "held" });
      },
      120_000,
    );
  });
}
