import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { memoryDirectory, Sandbox, tool } from "wardian";
import type { RunResult, SandboxOptions } from "wardian";
import { peerOf } from "../../src/guests/languages/peers.ts";

const { packageName, file } = peerOf("sql") ?? { packageName: "", file: "" };
const installed = existsSync(path.resolve(import.meta.dirname, "../../node_modules", packageName, file));
if (!installed) console.warn(`test/contract/languages-sql: the package ${packageName} is not installed`);

const COUNT_FOR_EVER = "with recursive c(x) as (select 1 union all select x + 1 from c) select";

describe.skipIf(!installed)("a sandbox of SQL", () => {
  const opened: Sandbox[] = [];
  afterAll(() => {
    for (const sandbox of opened) sandbox.close();
  });

  async function create(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
    const sandbox = await Sandbox.create({
      language: "sql",
      limits: { timeoutMs: 30_000, fuel: 4e9, memoryBytes: 64 * 2 ** 20 },
      files: { "/work": memoryDirectory(), "/data": memoryDirectory({ mode: "read-only" }) },
      tools: {
        add: tool({ run: ({ a, b }: { a: number; b: number }) => a + b }),
        list: tool({ run: () => ({ items: [1, 2, 3] }) }),
        fail: tool({
          run: () => {
            throw new Error("it failed");
          },
        }),
      },
      ...options,
    });
    opened.push(sandbox);
    return sandbox;
  }

  const run = async (source: string, options: Partial<SandboxOptions> = {}): Promise<RunResult> =>
    await (await create(options)).run(source);

  test("hands over the last table as a value, of SQLite's types, and prints those before it", async () => {
    const result = await run(`
      create table t(x, y); insert into t values (1, 'a'), (2, null);
      select count(*) as n, 'é' as text from t;
      select *, 2.5 as real, x'ff00' as blob, 9223372036854775807 as big from t order by x`);
    expect(result).toMatchObject({ status: "ok", stdout: "n\ttext\n2\té\n" });
    expect(result.status === "ok" && result.value).toEqual([
      { x: 1, y: "a", real: 2.5, blob: Uint8Array.of(255, 0), big: 9223372036854775807n },
      { x: 2, y: null, real: 2.5, blob: Uint8Array.of(255, 0), big: 9223372036854775807n },
    ]);
    expect(await run("create table t(x)")).toMatchObject({ status: "ok", value: undefined });
    expect(await run("select 1 where 0")).toMatchObject({ status: "ok", value: [] });
    expect(await run("-- nothing\n;;")).toMatchObject({ status: "ok", value: undefined });
  });

  test("tells errors with their lines, and goes on", async () => {
    const sandbox = await create();
    expect(await sandbox.run("select 1;\n\nselect nope\nfrom sqlite_schema")).toMatchObject({
      status: "error",
      error: { name: "SqlError", message: "no such column: nope", line: 3 },
      sandbox: "kept",
    });
    expect(await sandbox.run("selec 1")).toMatchObject({ status: "error", error: { line: 1 } });
    expect(await sandbox.run("select 2 as two")).toMatchObject({ status: "ok", value: [{ two: 2 }] });
  });

  test("keeps its database, in memory and in the files that it was given", async () => {
    const sandbox = await create();
    await sandbox.run(
      "create table t as select 'kept' as x; attach '/work/d.db' as d; create table d.u as select 7 as z",
    );
    expect(await sandbox.run("select x, z from t, d.u")).toMatchObject({ value: [{ x: "kept", z: 7 }] });
    expect((await sandbox.files.read("/work/d.db")).subarray(0, 15)).toEqual(
      new TextEncoder().encode("SQLite format 3"),
    );
    expect(await sandbox.run("attach '/etc/x.db' as e; create table e.t(x)")).toMatchObject({ status: "error" });
    expect(await sandbox.run("attach '/data/x.db' as r; create table r.t(x)")).toMatchObject({ status: "error" });
  });

  test("is forked, restored and reset", async () => {
    const sandbox = await create();
    await sandbox.run("create table t as select 'kept' as x");
    const fork = await sandbox.fork();
    opened.push(fork);
    expect(await fork.run("select x from t")).toMatchObject({ value: [{ x: "kept" }] });
    const [one, other] = [await sandbox.run("select random() as r"), await fork.run("select random() as r")];
    expect(one).not.toMatchObject({ value: other.status === "ok" ? other.value : [] });
    await sandbox.reset();
    expect(await sandbox.run("select x from t")).toMatchObject({ status: "error" });
  });

  test("calls tools as a function", async () => {
    const sandbox = await create();
    expect(
      await sandbox.run(`
        select tool('add', 'a', 40, 'b', 2) as pairs, tool('add', '{"a": 1,\n"b": 2}') as json,
               (select sum(value) from json_each(tool('list') -> 'items')) as total`),
    ).toMatchObject({ status: "ok", value: [{ pairs: 42, json: 3, total: 6 }], usage: { toolCalls: 3 } });
    expect(await sandbox.run("select tool('fail')")).toMatchObject({
      status: "error",
      error: { message: 'ToolError: Tool "fail" failed' },
    });
    for (const wrong of ["tool()", "tool(1)", "tool('two words')", "tool('add', 'a', 1, 'b')", "tool('add', 1, 2)"])
      expect(await sandbox.run(`select ${wrong}`)).toMatchObject({ status: "error" });
  });

  test("is held to fuel, time, memory and output, and works again", async () => {
    const sandbox = await create();
    expect(await sandbox.run(`${COUNT_FOR_EVER} count(*) from c`, { limits: { fuel: 1e9 } })).toMatchObject({
      limit: "fuel",
    });
    expect(await sandbox.run(`${COUNT_FOR_EVER} count(*) from c`, { limits: { timeoutMs: 300 } })).toMatchObject({
      limit: "time",
    });
    const table = `create table m as ${COUNT_FOR_EVER} zeroblob(4000000) b from c`;
    expect(await sandbox.run(table)).toMatchObject({ status: "limit", limit: "memory" });
    expect(await sandbox.run("select zeroblob(2000000) as b")).toMatchObject({ status: "limit", limit: "output" });
    expect(await sandbox.run("select 'ok' as x")).toMatchObject({ status: "ok", value: [{ x: "ok" }] });
  });

  test("takes time and chance from the sandbox", async () => {
    const options = { clock: { kind: "fixed", at: 1e12 }, random: { seed: 42 } } as const;
    const source = "select unixepoch() as at, random() as chance";
    const [one, same] = [await run(source, options), await run(source, options)];
    expect(one).toMatchObject({ status: "ok", value: [{ at: 1e9 }] });
    expect(same).toMatchObject({ value: one.status === "ok" ? one.value : [], usage: { fuel: one.usage.fuel } });
  });
});
