// The example runs as its readers would run it: each step a process, killed behind it; all state in SQLite.
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const root = path.resolve(import.meta.dirname, "../..");
const ENDED =
  '{"left": 395, "log": ["flight LH1166 for 280", "hotel Pensao Fern, 3 nights for 225", "booked: LH1166 + Pensao Fern"], "diary": 3}';

test("a durable agent survives the death of its process between every two steps", async () => {
  const database = path.join(temporaryDirectory(), "agent.db");
  const script = path.join(root, "examples/durable-agent/durable-agent.mjs");
  const run = async (): Promise<string[]> => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, database], { timeout: 110_000 });
    return stdout.trim().split("\n");
  };
  expect(await run()).toStrictEqual([
    "step 1: suspended find_flights",
    "step 2: suspended find_hotel",
    "step 3: suspended ask_human",
    "step 4: suspended book",
    `step 5: ended ${ENDED}`,
  ]);
  expect(await run()).toStrictEqual([`step 1: done ${ENDED}`]);
}, 240_000);
