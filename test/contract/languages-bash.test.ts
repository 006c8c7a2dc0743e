import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryDirectory, Sandbox, tool } from "wardian";
import { peerOf } from "../../src/guests/languages/peers.ts";

const { packageName, file } = peerOf("bash") ?? { packageName: "", file: "" };
const installed = existsSync(path.resolve(import.meta.dirname, "../../node_modules", packageName, file));
if (!installed) console.warn(`test/contract/languages-bash: the package ${packageName} is not installed`);

describe.skipIf(!installed)("a sandbox of bash", () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await Sandbox.create({
      language: "bash",
      limits: { timeoutMs: 30_000, fuel: 20e9, memoryBytes: 64 * 2 ** 20 },
      files: {
        "/data": memoryDirectory({ files: { "in.txt": "b 2\na 1\nc 3\n" }, mode: "read-only" }),
        "/work": memoryDirectory(),
      },
      tools: {
        add: tool({ run: ({ a, b }: { a: number; b: number }) => a + b }),
        later: tool({ run: async () => await Promise.resolve("in time") }),
        fail: tool({
          run: () => {
            throw new Error("it failed");
          },
        }),
      },
      env: { HOME: "/home", WHO: "it's" },
      args: ["first", "it's second"],
      stdin: "line 1\nline 2\n",
    });
  });
  afterAll(() => sandbox.close());

  test("prints, and has environment, arguments and input", async () => {
    expect(await sandbox.run('echo "$HOME $WHO $2 $#"; cat; echo oops >&2')).toMatchObject({
      status: "ok",
      stdout: "/home it's it's second 2\nline 1\nline 2\n",
      stderr: "oops\n",
      sandbox: "kept",
    });
  });

  test("ends with an exit code, its own or that of a syntax error", async () => {
    expect(await sandbox.run("exit 3")).toMatchObject({ status: "error", exitCode: 3 });
    const broken = await sandbox.run("echo one\nif true; echo two");
    expect(broken).toMatchObject({ status: "error", exitCode: 2 });
    expect(broken.stderr).toContain("syntax error");
    expect(await sandbox.run("false || echo saved")).toMatchObject({ status: "ok", stdout: "saved\n" });
  });

  test("works on the files that it was given, and no others", async () => {
    const result = await sandbox.run(`
      sort /data/in.txt | awk '{ s += $2; print $1 } END { print s }' > /work/out.txt
      cat /work/out.txt; ls /work; wc -l < /data/in.txt
      for name in /work/*.txt; do mv "$name" "\${name%.txt}.md"; done
      cp /work/out.md /work/copy.md; find /work -name '*.md' | sort
      mkdir -p /work/a/b; echo deep > /work/a/b/c; rm -r /work/a; [ -e /work/a ] || echo gone
      (echo x > /data/new.txt) 2>/dev/null || echo refused
      cat /etc/passwd 2>/dev/null || echo none`);
    expect(result).toMatchObject({
      status: "ok",
      stdout: "a\nb\nc\n6\nout.txt\n3\n/work/copy.md\n/work/out.md\ngone\nrefused\nnone\n",
    });
    expect(await sandbox.files.readText("/work/out.md")).toBe("a\nb\nc\n6\n");
  });

  test("calls tools, asynchronous ones too, and hands over a value", async () => {
    expect(
      await sandbox.run(`
        sum=$(wardian tool add '{"a": 40, "b": 2}')
        wardian tool later
        wardian tool fail || echo caught
        wardian result "[$sum, 2.5, \\"é\\", true, null]"`),
    ).toMatchObject({
      status: "ok",
      value: [42, 2.5, "é", true, null],
      stdout: "in time\ncaught\n",
      stderr: 'wardian: ToolError: Tool "fail" failed\n',
      usage: { toolCalls: 3 },
    });
    expect(await sandbox.run("wardian nonsense")).toMatchObject({ exitCode: 2 });
    expect(await sandbox.run("wardian result '{'")).toMatchObject({ exitCode: 2 });
  });

  test("begins afresh for each run", async () => {
    await sandbox.run("x=1; cd /work; f() { echo f; }");
    expect(await sandbox.run('echo "[$x] $PWD"; f')).toMatchObject({ exitCode: 127, stdout: "[] /\n" });
  });

  test("is held to fuel, time and output, and works again", async () => {
    const loop = "while true; do :; done";
    expect(await sandbox.run(loop, { limits: { fuel: 2e9 } })).toMatchObject({ limit: "fuel", sandbox: "reset" });
    expect(await sandbox.run(loop, { limits: { timeoutMs: 300 } })).toMatchObject({ limit: "time", sandbox: "reset" });
    const long = await sandbox.run("printf '%99999s\\n' x", { limits: { outputBytes: 10_000 } });
    expect(long).toMatchObject({ status: "ok", truncated: { stdout: 90_000 } });
    expect(long.stdout).toHaveLength(10_000);
    expect(await sandbox.run("echo ok")).toMatchObject({ status: "ok", stdout: "ok\n" });
  });

  test("is held to its memory", async () => {
    const result = await sandbox.run("x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done");
    expect(result).toMatchObject({ status: "limit", limit: "memory" });
    expect(await sandbox.run("echo ok")).toMatchObject({ status: "ok", stdout: "ok\n" });
  });
});
