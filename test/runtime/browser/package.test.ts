// The neutral entry in real browsers: no bundler, no node: import, no eval.
import { readFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BROWSERS } from "../../support/browsers/browser.ts";
import type { BrowserPage } from "../../support/browsers/browser.ts";
import { servePackage } from "../../support/serve-package.ts";

const root = path.resolve(import.meta.dirname, "../../..");

test("the neutral entry's graph has no node: import", async () => {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    peerDependencies?: Record<string, string>;
  };
  const peers = Object.keys(manifest.peerDependencies ?? {});
  const { metafile } = await build({
    entryPoints: [path.join(root, "dist/index.js")],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    metafile: true,
    logLevel: "silent",
    // Optional peers are not the package's own code, and come only when a guest needs them.
    external: ["node:*", ...peers],
  });
  const files = Object.entries(metafile.inputs);
  const eager = files.flatMap(([, { imports }]) =>
    imports.filter(({ path: from, kind }) => peers.includes(from) && kind !== "dynamic-import"),
  );
  expect(eager).toEqual([]);
  expect(files.length).toBeGreaterThan(50);
  expect(
    files.flatMap(([file, { imports }]) =>
      imports.filter(({ path: from }) => from.startsWith("node:")).map(({ path: from }) => `${file} imports ${from}`),
    ),
  ).toEqual([]);
  expect(files.filter(([file]) => file.includes("hosts/node") || file.includes("/cli/"))).toEqual([]);
});

describe.each(BROWSERS)("in $name", (browser) => {
  let page: BrowserPage;
  let server: Awaited<ReturnType<typeof servePackage>>;

  beforeAll(async () => {
    if (!browser.installed) return;
    server = await servePackage();
    page = await browser.open(server.url);
  });

  afterAll(async () => {
    await page?.close();
    await server?.close();
  });

  const inPage = test.skipIf(!browser.installed);

  interface PageResult {
    readonly status: string;
    readonly value?: unknown;
    readonly stdout: string;
    readonly limit?: string;
    readonly wallMs: number;
    readonly error?: { readonly name: string };
  }

  /** Runs in the page: makes a sandbox, runs the sources one after the other, returns their results. Text, so that no test transform touches it. */
  const runInPage = async (options: object, sources: readonly string[]): Promise<readonly PageResult[]> =>
    (await page.evaluate(`(async () => {
      const { Sandbox } = await import("wardian");
      const sandbox = await Sandbox.create(${JSON.stringify(options)});
      const results = [];
      for (const source of ${JSON.stringify(sources)}) {
        const { status, stdout, value, limit, error, usage } = await sandbox.run(source);
        results.push({ status, stdout, value, limit, error: error && { name: error.name }, wallMs: usage.wallMs });
      }
      sandbox.close();
      return results;
    })()`)) as readonly PageResult[];

  inPage("JavaScript runs, an endless loop is stopped, and the sandbox goes on", async () => {
    const [first, loop, after] = await runInPage({ language: "javascript", limits: { timeoutMs: 300 } }, [
      "console.log('hello'); [1, 2, 3].map((x) => x * 2).join()",
      "for (;;) ;",
      "typeof window + typeof document + typeof fetch",
    ]);
    expect(first).toMatchObject({ status: "ok", value: "2,4,6", stdout: "hello\n" });
    expect(loop).toMatchObject({ status: "limit", limit: "time" });
    expect(loop?.wallMs).toBeLessThan(5_000);
    expect(after).toMatchObject({ status: "ok", value: "undefinedundefinedundefined" });
  });

  inPage("Python runs, an endless loop is stopped, and there is no way into the page", async () => {
    const [first, loop, after] = await runInPage({ language: "python", limits: { timeoutMs: 2_000 } }, [
      "import json\nprint('hello')\njson.dumps({'a': [1, 2]})",
      "while True: pass",
      "import js",
    ]);
    expect(first).toMatchObject({ status: "ok", value: '{"a": [1, 2]}', stdout: "hello\n" });
    expect(loop).toMatchObject({ status: "limit", limit: "time" });
    expect(after).toMatchObject({ status: "error", error: { name: "ModuleNotFoundError" } });
  });

  inPage(
    "in a Web Worker: tools answer asleep and awaited, large answers too, an endless loop is stopped and aborted",
    async () => {
      const results = await page.evaluate(`(async () => {
      const { Sandbox, tool } = await import("wardian");
      const chunks = [];
      const sandbox = await Sandbox.create({
        language: "python",
        execution: "worker",
        limits: { timeoutMs: 10_000 },
        tools: {
          add: tool({ run: ({ a, b }) => a + b }),
          large: tool({ run: () => "x".repeat(900_000) }),
          later: tool({ run: async ({ n }) => { await new Promise((resolve) => setTimeout(resolve, 10)); return 2 * n; } }),
        },
        onOutput: ({ text }) => chunks.push(text),
      });
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error("enough")), 3_000);
      const results = [];
      for (const source of ["print('hi')\\ntools.add(a=1, b=2)", "len(tools.large())", "await tools.later(n=4)", "tools.later.sync(n=5)", "while True: pass"])
        results.push(await sandbox.run(source, source.startsWith("while") ? { signal: controller.signal } : {}));
      clearInterval(timer);
      sandbox.close();
      return { ends: results.map(({ status, value, reason }) => value ?? reason ?? status), chunks, breathed: ticks > 20 };
    })()`);
      expect(results).toEqual({ ends: [3, 900_000, 8, 10, "enough"], chunks: ["hi\n"], breathed: true });
    },
  );

  inPage("yielding: the page goes on while a guest computes", async () => {
    const results = await page.evaluate(`(async () => {
      const { Sandbox } = await import("wardian");
      const ends = [];
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      for (const language of ["javascript", "python"]) {
        const sandbox = await Sandbox.create({ language, execution: "yielding", limits: { timeoutMs: 1_500 } });
        const before = ticks;
        const result = await sandbox.run(language === "python" ? "while True: pass" : "for (;;);");
        ends.push([result.limit, ticks - before > 20]);
        sandbox.close();
      }
      clearInterval(timer);
      return ends;
    })()`);
    expect(results).toEqual([
      ["time", true],
      ["time", true],
    ]);
  });

  inPage("the page reported no error", () => {
    expect(page.problems).toEqual([]);
  });
});
