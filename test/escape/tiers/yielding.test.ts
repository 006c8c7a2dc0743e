import { test } from "vitest";
import { canSuspend } from "../../../src/engine/instance/suspending-check.ts";
import { describeTier } from "../harness/describe-tier.ts";

if (canSuspend()) describeTier("yielding");
else test.skip("attacks on guests that yield: this engine has no JSPI (Node has it from 24.20 on)", () => undefined);
