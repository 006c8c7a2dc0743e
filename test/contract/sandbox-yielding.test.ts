// The sandbox's contract once more, with guests that are suspended while they compute.
import { test } from "vitest";
import { canSuspend } from "../../src/engine/instance/suspending-check.ts";
import { driveBy } from "../support/execution.ts";

if (canSuspend()) {
  driveBy("yielding");
  await import("./sandbox.test.ts");
} else test.skip("all of it: this engine has no JSPI (Node has it from 24.20 on)", () => undefined);
