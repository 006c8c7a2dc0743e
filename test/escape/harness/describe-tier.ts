import { afterAll, describe, expect, test } from "vitest";
import type { Execution } from "../../../src/index.ts";
import type { Attack, AttackClass } from "./attack.ts";
import { CLASSES } from "./classes.ts";
import { attacksOf } from "./corpus.ts";
import { VictimProcess } from "./victim-process.ts";
import type { Outcome } from "./victim-process.ts";

/** Of each class so many are tried, spread over it, since every guest has to be started; `WARDIAN_ALL_TIERS` asks for all. */
const SAMPLE = 1;

/** Tries attacks of every class once more, with guests that compute elsewhere than on their caller's thread. */
export function describeTier(execution: Exclude<Execution, "inline">): void {
  describe(`attacks on guests of execution "${execution}"`, () => {
    const victim = new VictimProcess();
    const outcomes: Outcome["kind"][] = [];
    const counted = (wanted: Outcome["kind"]): number => outcomes.filter((kind) => kind === wanted).length;

    afterAll(async () => {
      await victim.close();
      console.log(
        `attacks on "${execution}": ${outcomes.length} tried, ${counted("inapplicable")} need what it does not have: ` +
          `${counted("breach")} breaches, ${counted("hang")} hangs, ${counted("death")} process deaths`,
      );
    });

    for (const kind of CLASSES) {
      test.each(sampleOf(kind).map(({ id, title }) => [id, title] as const))(
        "%s %s",
        async (id) => {
          const outcome = await victim.attempt({ letter: kind.letter, id, execution });
          outcomes.push(outcome.kind);
          if (outcome.kind !== "inapplicable") expect(outcome).toEqual({ kind: "held" });
        },
        120_000,
      );
    }

    test("most of them can be tried there", () => {
      expect(counted("inapplicable")).toBeLessThan(outcomes.length / 3);
    });
  });
}

function sampleOf(kind: AttackClass): readonly Attack[] {
  const attacks = attacksOf(kind);
  if (process.env["WARDIAN_ALL_TIERS"] !== undefined) return attacks;
  const step = Math.floor(attacks.length / SAMPLE);
  return attacks.filter((_, index) => index % step === Math.floor(step / 2)).slice(0, SAMPLE);
}
