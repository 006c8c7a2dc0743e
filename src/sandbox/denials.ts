import { SEALED } from "../capabilities/denials/denial-log.ts";
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
    denials.push({ what: "import", where: turn.reason.name, rule: SEALED, count: 1 });
  }
  const missing = turn && missingPower(turn);
  if (missing !== undefined) denials.push(missing);
  return denials;
}

/** What a guest has none of, by the global that other places have for it, so that nobody refuses it. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  ["fetch", "network.request"],
  ["XMLHttpRequest", "network.request"],
  ["WebSocket", "network.request"],
  ["EventSource", "network.request"],
  ["RTCPeerConnection", "network.request"],
  ["navigator", "network.request"],
  ["Worker", "thread.start"],
  ["SharedWorker", "thread.start"],
  ["SharedArrayBuffer", "thread.start"],
  ["Atomics", "thread.start"],
  ["WebAssembly", "wasm.compile"],
  ["require", "import"],
  ["importScripts", "import"],
  ["process", "process.host"],
  ["Deno", "process.host"],
  ["Bun", "process.host"],
]);

/** A run that asked for such a global ends with a ReferenceError. */
function missingPower(turn: FinalTurn): Denial | undefined {
  if (turn.state !== "done" || turn.outcome.kind !== "error" || turn.outcome.error.name !== "ReferenceError")
    return undefined;
  const name = /^'?(\w{1,20})'? is not defined$/.exec(turn.outcome.error.message)?.[1] ?? "";
  const what = ABSENT.get(name);
  if (what === undefined) return undefined;
  return { what, where: name, rule: name === "fetch" ? "no network was granted" : SEALED, count: 1 };
}
