// What copies a sandbox's state, and what goes on from a copy, once more, driven another way. A process for each of a hundred
// sandboxes takes minutes: without WARDIAN_ALL_TIERS state-across-tiers.test.ts stands for it.
import { test } from "vitest";
import { driveBy } from "../support/execution.ts";

if (process.env["WARDIAN_ALL_TIERS"] === undefined) {
  test.skip("set WARDIAN_ALL_TIERS to run the state contracts in processes", () => undefined);
} else {
  driveBy("process");
  await import("./snapshots.test.ts");
  await import("./durable-runs.test.ts");
  await import("./prepared-images.test.ts");
}
