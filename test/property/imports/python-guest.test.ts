import fc from "fast-check";
import { expect, test } from "vitest";
import { callAll, corrupt, hostileCalls, newTally, report } from "./hostile-calls.ts";
import { liveGuest } from "./live-guest.ts";

// The interpreter behind them is there too: what an import asks of it (memory, a callback) may end in a trap.
test("every import of the live interpreter answers hostile calls on corrupted memory, or ends the guest", async () => {
  const tally = newTally();
  let functions = 0;
  await fc.assert(
    fc.asyncProperty(hostileCalls, fc.integer(), async (calls, seed) => {
      const guest = await liveGuest("python");
      functions = guest.functions.length;
      corrupt(guest.memory, seed);
      callAll(guest, calls, tally);
      guest.close();
    }),
    { numRuns: 40, seed: 7, endOnFailure: true },
  );
  report("the Python guest", functions, tally);
  expect(functions).toBeGreaterThan(100);
  expect(tally.calls).toBeGreaterThan(1_000);
}, 120_000);
