import fc from "fast-check";
import { expect, test } from "vitest";
import { callAll, corrupt, hostileCalls, newTally, report } from "./hostile-calls.ts";
import { liveGuest } from "./live-guest.ts";

test("every import of the JavaScript guest's modules answers hostile calls on corrupted memory, or ends the guest", async () => {
  const tally = newTally();
  let functions = 0;
  await fc.assert(
    fc.asyncProperty(hostileCalls, fc.integer(), async (calls, seed) => {
      const guest = await liveGuest("javascript");
      functions = guest.functions.length;
      corrupt(guest.memory, seed);
      callAll(guest, calls, tally);
      guest.close();
    }),
    { numRuns: 100, seed: 7, endOnFailure: true },
  );
  report("the JavaScript guest", functions, tally);
  expect(functions).toBeGreaterThanOrEqual(12);
  expect(tally.calls).toBeGreaterThan(3_000);
}, 120_000);
