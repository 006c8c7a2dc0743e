import { clockCalls } from "./calls/clock-calls.ts";
import { descriptorCalls } from "./calls/descriptor-calls.ts";
import { directoryCalls } from "./calls/directory-calls.ts";
import { environmentCalls } from "./calls/environment-calls.ts";
import { pathCalls } from "./calls/path-calls.ts";
import { pollCalls } from "./calls/poll-calls.ts";
import { processCalls } from "./calls/process-calls.ts";
import { socketCalls } from "./calls/socket-calls.ts";
import { transferCalls } from "./calls/transfer-calls.ts";
import type { Preview1Call } from "./calls/call.ts";
import { guardCall } from "../guard-call.ts";
import { ERRNO } from "./errno.ts";
import { CALL_UNITS } from "./host/preview1-host.ts";
import type { Preview1Host } from "./host/preview1-host.ts";

const calls: ReadonlyMap<string, Preview1Call> = new Map(
  [
    environmentCalls,
    clockCalls,
    descriptorCalls,
    transferCalls,
    directoryCalls,
    pathCalls,
    pollCalls,
    processCalls,
    socketCalls,
  ].flatMap((table) => Object.entries(table)),
);

/** The whole of preview 1 as functions to import. None of them throws. */
export function preview1Imports(host: Preview1Host): Readonly<Record<string, WebAssembly.ImportValue>> {
  const imports = Object.create(null) as Record<string, WebAssembly.ImportValue>;
  const { fuel } = host;
  const guard = { fuel, pay: () => fuel.charge(CALL_UNITS), failure: ERRNO.EIO };
  for (const [name, call] of calls) imports[name] = guardCall(host, call, guard);
  return imports;
}
