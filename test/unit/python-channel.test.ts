import { describe, expect, it } from "vitest";
import type { ToolCalls, ToolReply } from "../../src/capabilities/tools/tool-calls.ts";
import { HostChannel } from "../../src/guests/python/host/host-channel.ts";
import { turnOf } from "../../src/guests/python/python-turn.ts";

function toolsWith(reply: ToolReply): ToolCalls & { readonly seen: string[][] } {
  const seen: string[][] = [];
  return {
    names: ["t"],
    seen,
    call: (name, json) => {
      seen.push([name, json]);
      return reply;
    },
  };
}

function message(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function received(channel: HostChannel): string {
  const bytes = new Uint8Array(1000);
  return new TextDecoder().decode(bytes.subarray(0, channel.read(bytes)));
}

describe("the channel of a Python session", () => {
  it("hands a message over in pieces and forgets it behind the report", () => {
    const channel = new HostChannel(toolsWith({ state: "value", json: "1" }), 100);
    channel.send("hello");
    const piece = new Uint8Array(3);
    expect([channel.read(piece), channel.read(piece), channel.read(piece)]).toEqual([3, 2, 0]);
    channel.send("again");
    expect(channel.takeReport()).toBeUndefined();
    expect(channel.read(piece)).toBe(0);
  });

  it.each(["", "Q", "V", "T", "Tname", "\0"].map((text) => [text, text === "V"] as const))(
    "takes %j: %j",
    (text, taken) => {
      expect(new HostChannel(toolsWith({ state: "value", json: "1" }), 100).write(message(text))).toBe(taken);
    },
  );

  it("bounds each kind of message", () => {
    const channel = new HostChannel(toolsWith({ state: "value", json: "1" }), 100);
    const fits = (kind: string, length: number): boolean => channel.write(message(kind + " ".repeat(length)));
    expect([
      fits("V", 100),
      fits("V", 101),
      fits("E", 2 ** 19),
      fits("E", 2 ** 19 + 1),
      fits("X", 200),
      fits("X", 201),
      fits("W", 201),
      fits("L", 201),
    ]).toEqual([true, false, true, false, true, false, false, false]);
    expect(channel.write(message(`Tt\0${" ".repeat(5 * 2 ** 20)}`))).toBe(false);
  });

  it("calls a tool and keeps the numbers of those that are pending", () => {
    const tools = toolsWith({ state: "pending", id: 7 });
    const channel = new HostChannel(tools, 100);
    expect(channel.write(message('Tt\0{"a":1}'))).toBe(true);
    expect([tools.seen, received(channel), channel.pendingCalls]).toEqual([[["t", '{"a":1}']], "p7", [7]]);
    expect([channel.settle(8), channel.settle(7), channel.settle(7), channel.pendingCalls]).toEqual([
      false,
      true,
      false,
      [],
    ]);
  });

  it("passes an error on as text", () => {
    const channel = new HostChannel(toolsWith({ state: "error", name: "ToolError", message: 'no "way"' }), 100);
    channel.write(message("Tt\0{}"));
    expect(received(channel)).toBe('e["ToolError","no \\"way\\""]');
  });
});

describe("a report that a guest forged", () => {
  it.each([
    ["value", "V["],
    ["value", 'V{"q":1}'],
    ["value", `V${"[".repeat(500)}${"]".repeat(500)}`],
    ["error", "E{"],
    ["error", "E[]"],
    ["error", 'E{"name":1,"message":"","traceback":""}'],
    ["error", "Enull"],
  ])("becomes an error of the guest's: %s %j", (_kind, text) => {
    const channel = new HostChannel(toolsWith({ state: "value", json: "1" }), 10_000);
    channel.write(message(text));
    expect(turnOf(channel.takeReport(), [], 10_000, () => true)).toMatchObject({
      state: "done",
      outcome: { kind: "error", error: { name: "SystemError" } },
    });
  });

  it.each([
    ["W{", undefined],
    ['W{"wake":"soon"}', undefined],
    ['W{"wake":1e999}', undefined],
    ['W{"wake":12.5}', 12.5],
  ])("waits only for what makes sense: %j", (text, wakeAtMs) => {
    const channel = new HostChannel(toolsWith({ state: "value", json: "1" }), 100);
    channel.write(message(text));
    expect(turnOf(channel.takeReport(), [3], 100, () => true)).toEqual({ state: "waiting", callIds: [3], wakeAtMs });
  });

  it.each([
    ["X3", 3],
    ["X-1", 255],
    ["X1e99", 255],
    ["Xno", 255],
  ])("exits with a code of one byte: %j", (text, code) => {
    const channel = new HostChannel(toolsWith({ state: "value", json: "1" }), 100);
    channel.write(message(text));
    expect(turnOf(channel.takeReport(), [], 100, () => true)).toEqual({
      state: "done",
      outcome: { kind: "exit", code },
    });
  });

  it("keeps texts and lines within bounds", () => {
    const channel = new HostChannel(toolsWith({ state: "value", json: "1" }), 100);
    channel.write(
      message(`E${JSON.stringify({ name: "n".repeat(5000), message: "m".repeat(200_000), traceback: "", line: -3 })}`),
    );
    expect(turnOf(channel.takeReport(), [], 100, () => true)).toEqual({
      state: "done",
      outcome: { kind: "error", error: { name: "n".repeat(1000), message: "m".repeat(100_000), traceback: "" } },
    });
  });
});
