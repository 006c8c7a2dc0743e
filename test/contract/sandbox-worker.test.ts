// The sandbox's contract once more, driven another way.
import { driveBy } from "../support/execution.ts";

driveBy("worker");
await import("./sandbox.test.ts");
