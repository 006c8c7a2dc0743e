// A guest that dies of a budget's refusal ends by that limit; one that gets over it ends as it likes.
import { Sandbox, tool } from "wardian";
import type { RunResult } from "wardian";
import { expect, test } from "vitest";

const ORIGIN = "https://api.example.com/";

const PROGRAMS = {
  javascript: {
    fetches: `for (let i = 0; i < 5; i++) await fetch("${ORIGIN}")`,
    calls: "for (let i = 0; i < 5; i++) await tools.look({})",
    caught: `try { for (;;) await tools.look({}) } catch {} try { for (;;) await fetch("${ORIGIN}") } catch {} throw new RangeError("own")`,
  },
  python: {
    fetches: `from wardian import http\nfor i in range(5): await http.get("${ORIGIN}")`,
    calls: "for i in range(5): await tools.look()",
    caught: `from wardian import http
try:
    while True: await tools.look()
except Exception: pass
try:
    while True: await http.get("${ORIGIN}")
except Exception: pass
raise RuntimeError("own")`,
  },
} as const;

type Language = keyof typeof PROGRAMS;

async function runIn(language: Language, source: string, toolCalls = 100): Promise<RunResult> {
  const sandbox = await Sandbox.create({
    language,
    limits: { toolCalls },
    network: { allow: [ORIGIN], limits: { requests: 2 } },
    fetch: async () => await Promise.resolve(new Response("x")),
    tools: { look: tool({ description: "Looks", maxCalls: 3, run: () => 1 }) },
  });
  try {
    return await sandbox.run(source);
  } finally {
    sandbox.close();
  }
}

test.each(["javascript", "python"] as const)("%s: a used up budget of the network", async (language) => {
  expect(await runIn(language, PROGRAMS[language].fetches)).toMatchObject({
    status: "limit",
    limit: "network",
    allowed: 2,
    error: { message: expect.stringContaining("2 requests") as string },
    sandbox: "kept",
  });
});

test.each(["javascript", "python"] as const)("%s: a used up budget of tool calls", async (language) => {
  const own = await runIn(language, PROGRAMS[language].calls);
  expect(own).toMatchObject({ status: "limit", limit: "tools", allowed: 3, sandbox: "kept" });
  const all = await runIn(language, PROGRAMS[language].calls, 2);
  expect(all).toMatchObject({ status: "limit", limit: "tools", allowed: 2, error: { name: "ToolLimitError" } });
});

test.each(["javascript", "python"] as const)("%s: a guest that gets over it", async (language) => {
  expect(await runIn(language, PROGRAMS[language].caught)).toMatchObject({
    status: "error",
    error: { message: "own" },
  });
});
