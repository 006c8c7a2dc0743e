import assert from "node:assert/strict";
import type { Attack } from "../harness/attack.ts";
import { operationsAttempt } from "./operations.ts";
import type { Operation } from "./operations.ts";

/** What an operation may say that got nothing: an errno. */
const REFUSED = /^E[A-Z0-9]+$/u;

/** Every way to look at a path or to change what is there; with "/data" before it and without. */
const everyWay = (target: string): readonly Operation[] => [
  ["read", target],
  ["list", target],
  ["stat", target],
  ["real", target],
  ["copy", target, "/mem/stolen"],
  ["read", `${target}/secret`],
  ["write", `${target}/owned`, "x"],
  ["append", target, "x"],
  ["mkdir", `${target}/owned`],
  ["truncate", target, 0],
  ["utimes", target],
  ["link", target, "/data/stolen"],
];

/** None of the paths leads anywhere. */
export function leadNowhere(...paths: readonly string[]): Attack["attempt"] {
  const operations = paths.flatMap(everyWay);
  return operationsAttempt(operations, (outcomes, language) => {
    for (const [index, outcome] of outcomes.entries())
      assert.match(outcome, REFUSED, `${language}: ${JSON.stringify(operations[index])} said ${outcome}`);
  });
}

/** The names are names: each can be made in a mount and is there as it was written. */
export function arePlainNames(...names: readonly string[]): Attack["attempt"] {
  const operations = names.flatMap((name): Operation[] =>
    ["/mem", "/data"].flatMap((mount): Operation[] => [
      ["read", `${mount}/${name}/secret`],
      ["write", `${mount}/${name}`, "plain"],
      ["read", `${mount}/${name}`],
      ["unlink", `${mount}/${name}`],
    ]),
  );
  return operationsAttempt(operations, (outcomes, language) => {
    for (let at = 0; at < outcomes.length; at += 4) {
      const [before, made, read, removed] = outcomes.slice(at, at + 4);
      const about = `${language}: ${JSON.stringify(operations[at])}`;
      assert.match(before ?? "", REFUSED, about);
      assert.deepEqual([made, read, removed], ["done", "plain", "done"], about);
    }
  });
}

/** The operations say exactly this; an expression where languages or mounts differ in the errno. */
export function say(
  ...expected: readonly (readonly [operation: Operation, outcome: string | RegExp])[]
): Attack["attempt"] {
  return operationsAttempt(
    expected.map(([operation]) => operation),
    (outcomes, language) => {
      for (const [index, [operation, outcome]] of expected.entries()) {
        const about = `${language}: ${JSON.stringify(operation)}`;
        if (typeof outcome === "string") assert.equal(outcomes[index], outcome, about);
        else assert.match(outcomes[index] ?? "", outcome, about);
      }
    },
  );
}
