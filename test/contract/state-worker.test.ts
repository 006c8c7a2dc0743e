// What copies a sandbox's state, and what goes on from a copy, once more, driven another way.
import { driveBy } from "../support/execution.ts";

driveBy("worker", { sample: true });
await import("./snapshots.test.ts");
await import("./durable-runs.test.ts");
await import("./prepared-images.test.ts");
