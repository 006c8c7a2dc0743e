import type { ByteReader } from "../../internal/byte-reader.ts";
import type { ByteWriter } from "../../internal/byte-writer.ts";
import type { ToolCalls, ToolReply, ToolSettlement } from "../tools/tool-calls.ts";
import { EVENT } from "./events.ts";
import { noteCall, replayHostWork } from "./host-work.ts";
import type { Charge, HostWork } from "./host-work.ts";
import { fingerprint, readText, writeText } from "./payload.ts";
import type { TapeReader } from "./tape-reader.ts";
import type { TapeWriter } from "./tape-writer.ts";

/** `tools` with every call and its reply noted. */
export function recordTools(tools: ToolCalls, tape: TapeWriter, work: HostWork): ToolCalls {
  return {
    ...tools,
    call: (name, argumentsJson, blocking) => {
      const reply = tools.call(name, argumentsJson, blocking);
      noteCall(tape, EVENT.toolCall, work, fingerprint(name, argumentsJson), (out) => writeReply(out, reply));
      return reply;
    },
  };
}

/** Tools that nobody has: they reply what the recorded ones replied. */
export function replayTools(names: readonly string[], tape: () => TapeReader | undefined, charge: Charge): ToolCalls {
  return {
    names,
    call: (name, argumentsJson) => {
      const reader = tape();
      if (reader === undefined) return { state: "error", name: "ToolError", message: "No run is in progress" };
      const what = `the tool "${name.slice(0, 100)}"`;
      return reader.take(
        EVENT.toolCall,
        (payload) => {
          if (payload.u32() !== fingerprint(name, argumentsJson))
            reader.diverge(`${what} with ${argumentsJson.slice(0, 200)}`, "has another call");
          replayHostWork(payload, charge);
          return readReply(payload);
        },
        what,
      );
    },
  };
}

const VALUE = 0;
const ERROR = 1;
const PENDING = 2;

export function writeReply(out: ByteWriter, reply: ToolReply): void {
  switch (reply.state) {
    case "value":
      out.byte(VALUE);
      writeText(out, reply.json);
      break;
    case "error":
      out.byte(ERROR);
      writeText(out, reply.name);
      writeText(out, reply.message);
      break;
    case "pending":
      out.byte(PENDING);
      out.u64(reply.id);
      break;
  }
}

export function readReply(payload: ByteReader): ToolReply {
  switch (payload.byte()) {
    case VALUE:
      return { state: "value", json: readJson(payload) };
    case ERROR:
      return { state: "error", name: readText(payload), message: readText(payload) };
    case PENDING:
      return { state: "pending", id: payload.u64() };
    default:
      return payload.fail("a reply of an unknown form");
  }
}

/** The guests' own code trusts that what a tool answers is JSON: a forged recording must keep that promise. */
function readJson(payload: ByteReader): string {
  const json = readText(payload);
  try {
    JSON.parse(json);
  } catch {
    payload.fail("a tool's result is not JSON");
  }
  return json;
}

export function writeSettlements(out: ByteWriter, settlements: readonly ToolSettlement[]): void {
  out.u64(settlements.length);
  for (const { id, reply } of settlements) {
    out.u64(id);
    writeReply(out, reply);
  }
}

export function readSettlements(payload: ByteReader): readonly ToolSettlement[] {
  const settlements: ToolSettlement[] = [];
  const count = payload.u64();
  // One takes more than a byte, so a forged count ends at the end of the tape.
  for (let index = 0; index < count; index++) {
    const id = payload.u64();
    const reply = readReply(payload);
    if (reply.state === "pending") payload.fail("a call that ended is still pending");
    settlements.push({ id, reply });
  }
  return settlements;
}
