import type { Denial } from "../capabilities/denials/denial-log.ts";
import type { FileDenial } from "../capabilities/files/view/refusals.ts";
import type { FinalTurn } from "../execution/execution.ts";

/** What a run was refused, from whoever refused it. */
export function denialsOf(turn: FinalTurn, files: readonly FileDenial[], others: readonly Denial[]): Denial[] {
  const denials: Denial[] = files.map(({ operation, path, error, count }) => ({
    what: `files.${operation}`,
    where: path,
    rule: error,
    count,
  }));
  denials.push(...others);
  if (turn.state === "stopped" && turn.reason.kind === "sealed") {
    denials.push({ what: "import", where: turn.reason.name, rule: "sealed", count: 1 });
  }
  return denials;
}
