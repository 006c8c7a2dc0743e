import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { wholeWasi } from "../../support/components/whole-wasi.ts";
import type { WholeWasi } from "../../support/components/whole-wasi.ts";
import { callAll, corrupt, hostileCalls, newTally, report } from "./hostile-calls.ts";
import { liveComponent } from "./live-component.ts";

let whole: WholeWasi;
beforeAll(async () => {
  whole = await wholeWasi();
});

test("every function of WASI 0.2 answers hostile calls on corrupted memory, or ends the guest", async () => {
  const tally = newTally();
  let functions = 0;
  await fc.assert(
    fc.asyncProperty(hostileCalls, fc.integer(), async (calls, seed) => {
      const guest = await liveComponent(whole);
      functions = guest.functions.length;
      corrupt(guest.memory, seed);
      callAll(guest, calls, tally);
      guest.close();
    }),
    { numRuns: 40, seed: 7, endOnFailure: true },
  );
  report("components", functions, tally);
  expect(functions).toBe(200);
  expect(tally.calls).toBeGreaterThan(1_500);
}, 120_000);

describe("handles", () => {
  const POLLABLE = "wasi:io/poll@0.2";
  const CLOCK = "wasi:clocks/monotonic-clock@0.2";

  /** Calls imports one after the other, each as an entry of its own; how each ended. */
  async function callsOf(...calls: readonly (readonly [from: string, name: string, ...values: unknown[]])[]) {
    const guest = await liveComponent(whole);
    const outcomes = calls.map(([from, name, ...values]) => {
      const found = guest.functions.find((item) => item.name === `cm32p2|${from}.${name}`);
      if (found === undefined) throw new Error(`There is no ${from} ${name}`);
      guest.gauge.arm({ fuel: 1e9 });
      const completion = guest.gauge.enter(() => found.call(...(values as never[])));
      guest.gauge.disarm();
      return completion.kind === "returned" ? completion.value : completion.reason;
    });
    guest.close();
    return outcomes;
  }
  const refused = (why: string) => ({ kind: "trap", message: expect.stringContaining(why) as string });

  test("that were never given, of any number, are refused", async () => {
    for (const handle of [0, 1, 2, 99, -1, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)]) {
      const [answer, dropped] = await callsOf(
        [POLLABLE, "[method]pollable.ready", handle],
        [POLLABLE, "pollable_drop", handle],
      );
      expect([handle, answer]).toEqual([handle, refused("handle")]);
      expect([handle, dropped]).toEqual([handle, refused("handle")]);
    }
  });

  test("that were dropped are refused, also after another one took the number", async () => {
    const outcomes = await callsOf(
      [CLOCK, "subscribe-duration", 0n],
      [POLLABLE, "[method]pollable.ready", 1],
      [POLLABLE, "pollable_drop", 1],
      [POLLABLE, "[method]pollable.ready", 1],
      [POLLABLE, "pollable_drop", 1],
      [CLOCK, "subscribe-duration", 0n],
      [POLLABLE, "[method]pollable.ready", 1],
    );
    expect(outcomes).toEqual([1, 1, undefined, refused("handle"), refused("handle"), 1, 1]);
  });

  test("of another resource are refused", async () => {
    const [stdout, asInput, asPollable, asDescriptor, asBody] = await callsOf(
      ["wasi:cli/stdout@0.2", "get-stdout"],
      ["wasi:io/streams@0.2", "[method]input-stream.read", 1, 5n, 1_024],
      [POLLABLE, "[method]pollable.block", 1],
      ["wasi:filesystem/types@0.2", "[method]descriptor.stat", 1, 1_024],
      ["wasi:http/types@0.2", "outgoing-body_drop", 1],
    );
    expect(stdout).toBe(1);
    for (const outcome of [asInput, asPollable, asDescriptor, asBody]) expect(outcome).toEqual(refused("handle"));
  });
});

test("lists whose items are all the same megabytes are refused before the host holds them", async () => {
  const guest = await liveComponent(whole);
  const words = new Uint32Array(guest.memory.buffer);
  // Ten thousand fields, each with a name of 200,000 bytes: 2 GB from a memory of 262 kB.
  words.fill(0x61616161);
  for (let item = 0; item < 10_000; item++) words.set([0, 200_000, 0, 0], item * 4);
  const fromList = guest.functions.find(({ name }) => name.endsWith("[static]fields.from-list"));
  guest.gauge.arm({ fuel: 1e12 });
  const before = process.memoryUsage().rss;
  const completion = guest.gauge.enter(() => fromList?.call(...([0, 10_000, 250_000] as never[])));
  expect(completion).toEqual({
    kind: "stopped",
    reason: { kind: "trap", message: "a call passed more than 67108864 bytes" },
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(1e9);
  guest.gauge.disarm();
  guest.close();
});
