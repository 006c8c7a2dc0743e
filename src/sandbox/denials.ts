import type { Denial } from "../capabilities/denials/denial-log.ts";
import type { FileDenial } from "../capabilities/files/view/refusals.ts";
import type { FinalTurn } from "../execution/execution.ts";

/** What a run was refused, from whoever refused it. */
export function denialsOf(
  turn: FinalTurn | undefined,
  files: readonly FileDenial[],
  others: readonly Denial[],
): Denial[] {
  const denials: Denial[] = files.map(({ operation, path, error, count }) => ({
    what: `files.${operation}`,
    where: path,
    rule: error,
    count,
  }));
  denials.push(...others);
  if (turn?.state === "stopped" && turn.reason.kind === "sealed") {
    denials.push({ what: "import", where: turn.reason.name, rule: "sealed", count: 1 });
  }
  const missing = turn && missingPower(turn);
  if (missing !== undefined) denials.push(missing);
  return denials;
}

/** Without a network there is no `fetch`, so nobody refuses it: the run ends with a ReferenceError. */
function missingPower(turn: FinalTurn): Denial | undefined {
  if (turn.state !== "done" || turn.outcome.kind !== "error" || turn.outcome.error.name !== "ReferenceError")
    return undefined;
  const name = /^'?(fetch|XMLHttpRequest|WebSocket|EventSource)'? is not defined$/.exec(
    turn.outcome.error.message,
  )?.[1];
  if (name === undefined) return undefined;
  const rule = name === "fetch" ? "no network was granted" : "sealed";
  return { what: "network.request", where: name, rule, count: 1 };
}
