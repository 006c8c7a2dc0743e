// The built command, run as a user runs it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { shopComponent } from "../support/components/shop.ts";
import { sleeperComponent } from "../support/components/sleeper.ts";

const root = path.resolve(import.meta.dirname, "../..");
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "wardian-cli-"));
  mkdirSync(path.join(folder, "data"));
  writeFileSync(path.join(folder, "data", "a.txt"), "alpha");
  const sources: Record<string, string> = {
    "hello.js": "console.log('hello'); console.error('oops'); 6 * 7",
    "types.ts": "const n: number = 41; interface A { b: string }; n + 1",
    "module.mjs": "export default { answer: 42 };",
    "hello.py": "import sys\nprint('hello')\nprint('oops', file=sys.stderr)\n6 * 7",
    "loop.js": "for (;;) ;",
    "loop.py": "while True: pass",
    "throw.js": "function f() {\n  throw new TypeError('bad');\n}\nf();",
    "throw.py": "def f():\n    raise ValueError('bad')\nf()",
    "hungry.js": "const all = []; for (;;) all.push('x'.repeat(1e6) + all.length)",
    "hungry.py": "x = [0]\nwhile True: x = x + x",
    "args.py": "import sys, os\nprint(sys.argv[1:], os.environ.get('A'), sys.stdin.read().strip())",
    "read.py":
      "print(open('/data/a.txt').read())\ntry:\n  open('/data/b.txt', 'w')\nexcept OSError as e:\n  print(e.strerror)",
    "write.py": "open('/data/b.txt', 'w').write('beta')\nNone",
    "both.py": "open('/data/a.txt', 'w').write('changed')\nopen('/data/new\\x1b.txt', 'w').write('n')\nNone",
    "show.py": 'display("<b>x</b>", "text/html")',
    "long.js": "for (let n = 0; n < 100000; n++) console.log('line ' + n);",
    "fail.py": "open('/data/a.txt', 'w').write('failed')\n1/0",
    "random.py": "import random; random.random()",
    "escape.py": "'\\x1b[2J\\nwardian: forged'",
  };
  for (const [name, text] of Object.entries(sources)) writeFileSync(path.join(folder, name), text);
  writeFileSync(path.join(folder, "latin1.js"), Buffer.from([0x27, 0xe9, 0x27]));
  writeFileSync(path.join(folder, "noise.wasm"), Buffer.from("not wasm"));
  // (module (import "env" "system" (func)) (func (export "f") (call 0)))
  writeFileSync(
    path.join(folder, "open.wasm"),
    Buffer.from(
      "0061736d01000000010401600000020e0103656e760673797374656d000003020100070501016600010a0601040010000b",
      "hex",
    ),
  );
  // Exits with the code 42: (module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  //   (memory (export "memory") 1) (func (export "_start") (call 0 (i32.const 42))))
  writeFileSync(
    path.join(folder, "exit.wasm"),
    Buffer.from(
      "0061736d0100000001080260017f0060000002240116776173695f736e617073686f745f70726576696577310970726f635f6578697400000302010105030100010713020" +
        "66d656d6f72790200065f737461727400010a08010600412a10000b",
      "hex",
    ),
  );
  writeFileSync(path.join(folder, "shop.wasm"), await shopComponent());
  const require = createRequire(import.meta.url);
  copyFileSync(
    path.join(path.dirname(require.resolve("pyodide/package.json")), "pyodide.asm.wasm"),
    path.join(folder, "pyodide.wasm"),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function wardian(args: readonly string[], stdin = ""): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(root, "dist/cli/main.js"), ...args], {
      cwd: folder,
      timeout: 60_000,
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin);
  });
}

describe("wardian run", () => {
  test.each(["hello.js", "hello.py"])("%s: output as it comes, the value last", async (file) => {
    expect(await wardian(["run", file])).toEqual({ code: 0, stdout: "hello\n42\n", stderr: "oops\n" });
  });

  test("TypeScript and modules", async () => {
    expect(await wardian(["run", "types.ts"])).toEqual({ code: 0, stdout: "42\n", stderr: "" });
    expect(await wardian(["run", "module.mjs", "--json"])).toMatchObject({ code: 0, stderr: "" });
  });

  test("--json prints exactly one object, the result", async () => {
    const { code, stdout, stderr } = await wardian(["run", "hello.py", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({ status: "ok", value: 42, stdout: "hello\n", stderr: "oops\n", sandbox: "kept" });
    expect(Object.keys(result["usage"] as object).toSorted()).toEqual([
      "fileBytes",
      "fuel",
      "memoryBytes",
      "networkBytes",
      "outputBytes",
      "requests",
      "toolCalls",
      "wallMs",
    ]);
  });

  test("--record writes a recording, which replay runs again without the files and the input", async () => {
    const flags = ["--mount=/data=data", "--env=A=1", "--record=run.recording"];
    const read = await wardian(["run", "read.py", ...flags]);
    expect(read).toMatchObject({ code: 0, stderr: "" });
    expect(await wardian(["replay", "run.recording"])).toEqual(read);
    const args = await wardian(["run", "args.py", "one", "--record=args.recording"], "typed");
    expect(args).toEqual({ code: 0, stdout: "['one'] None typed\n", stderr: "" });
    expect(await wardian(["replay", "args.recording"], "other")).toEqual(args);
    const failed = await wardian(["run", "throw.js", "--record=throw.recording"]);
    expect(await wardian(["replay", "throw.recording"])).toEqual(failed);
    const json = await wardian(["replay", "args.recording", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ status: "ok", stdout: "['one'] None typed\n" });
    expect(json.stdout).not.toContain("recording");
    writeFileSync(path.join(folder, "damaged.recording"), readFileSync(path.join(folder, "run.recording")).subarray(1));
    expect(await wardian(["replay", "damaged.recording"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "wardian replay: Cannot read the recording: it is not one\n",
    });
    expect(await wardian(["replay", "none.recording"])).toMatchObject({ code: 2, stdout: "" });
    expect(await wardian(["run", "hello.js", "--record=none/x"])).toMatchObject({ code: 2, stdout: "hello\n" });
  });

  test("displays are mentioned, and shown by --json", async () => {
    expect(await wardian(["run", "show.py"])).toEqual({
      code: 0,
      stdout: "",
      stderr: "wardian: 1 displayed, as text/html; --json shows what\n",
    });
    const { stdout } = await wardian(["run", "show.py", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ displays: [{ mime: "text/html", data: "<b>x</b>" }] });
  });

  test("a reader that is slow, or goes away, loses nothing of what it reads", async () => {
    const long = `${process.execPath} ${path.join(root, "dist/cli/main.js")} run long.js --output=16MiB --timeout=30000`;
    const piped = spawn("bash", ["-c", `${long} | (sleep 0.5; tail -1); ${long} | head -1`], {
      cwd: folder,
      timeout: 60_000,
    });
    let stdout = "";
    piped.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    await once(piped, "close");
    expect(stdout).toBe("line 99999\nline 0\n");
  });

  test.each([
    ["loop.js", "--timeout=200", 124, "time"],
    ["loop.py", "--timeout=200", 124, "time"],
    ["loop.js", "--fuel=1e8", 124, "fuel"],
    ["loop.py", "--fuel=1e8", 124, "fuel"],
    ["hungry.js", "--memory=32MiB", 137, "memory"],
    ["hungry.py", "--memory=64MiB", 137, "memory"],
  ])("%s %s ends with %i", async (file, flag, code, limit) => {
    const outcome = await wardian(["run", file, flag]);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toContain(`wardian: stopped by the ${limit} limit (`);
  });

  test.each([
    ["throw.js", "TypeError: bad", "throw.js:2"],
    ["throw.py", "ValueError: bad", 'File "throw.py", line 2, in f'],
  ])("%s: the guest's error on stderr, exit code 1", async (file, error, place) => {
    const { code, stdout, stderr } = await wardian(["run", file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(error);
    expect(stderr).toContain(place);
    expect(stderr).not.toContain(root);
  });

  test("arguments, environment and standard input reach the guest", async () => {
    expect(await wardian(["run", "args.py", "--arg=x", "--env=A=1", "y"], "typed\n")).toEqual({
      code: 0,
      stdout: "['x', 'y'] 1 typed\n",
      stderr: "",
    });
  });

  test("the source may come from standard input", async () => {
    expect(await wardian(["run", "-", "--language=python"], "print(1)\n2")).toEqual({
      code: 0,
      stdout: "1\n2\n",
      stderr: "",
    });
  });

  test("--allow-net names what may be asked for, and how", async () => {
    const server = createServer((request, response) => response.end(request.method)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    writeFileSync(
      path.join(folder, "net.js"),
      `import { args } from "wardian:environment";
       const seen = [];
       for (const method of ["GET", "POST"]) seen.push(await fetch(args[0], { method }).then((r) => r.text(), (e) => e.code));
       console.log(seen.join(" "));`,
    );
    const seen = async (flag: string): Promise<string> =>
      (await wardian(["run", "net.js", `--arg=${url}`, flag])).stdout;
    expect(await seen(`--allow-net=https://other.test/,${url}`)).toBe("GET NetworkDenied\n");
    expect(await seen(`--allow-net=POST+PUT:${url}`)).toBe("NetworkDenied POST\n");
    expect(await seen(`--allow-net=*:${url}`)).toBe("GET POST\n");
    server.close();
  });

  test("a mount is read-only unless :rw", async () => {
    expect(await wardian(["run", "read.py", "--mount=/data=data"])).toEqual({
      code: 0,
      stdout: "alpha\nRead-only file system\n",
      stderr: "",
    });
    expect(await wardian(["run", "write.py", "--mount=/data=data:rw"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(path.join(folder, "data", "b.txt"), "utf8")).toBe("beta");
  });

  test("--seed makes runs repeatable", async () => {
    const [first, second, other] = await Promise.all(
      ["7", "7", "8"].map((seed) => wardian(["run", "random.py", `--seed=${seed}`])),
    );
    expect(first).toEqual(second);
    expect(first).not.toEqual(other);
  });

  test.each<[readonly string[], string]>([
    [["run"], "which file?"],
    [["run", "missing.py"], 'cannot read "missing.py": there is no such file'],
    [["run", "data"], "cannot tell the language"],
    [["run", "data", "--language=python"], 'cannot read "data": it is a directory'],
    [["run", "latin1.js"], "it is not UTF-8 text"],
    [["run", "hello.txt"], "cannot tell the language"],
    [["run", "hello.py", "--langage=python"], 'there is no flag --langage; did you mean "--language"?'],
    [["run", "hello.py", "--language=cobol"], "--language takes"],
    [
      ["run", "hello.py", "--memory=lots"],
      '--memory takes a size such as 64MiB, 500kB or a number of bytes, not "lots"',
    ],
    [["run", "hello.py", "--memory=1MiB"], "limits.memoryBytes is 1048576"],
    [["run", "hello.py", "--timeout=-5"], "--timeout takes a positive number"],
    [["run", "hello.py", "--fuel", "1000"], "--fuel needs a value: --fuel=VALUE"],
    [["run", "hello.py", "--json=yes"], "--json is a switch"],
    [["run", "hello.py", "--mount=/data=nowhere"], "nowhere"],
    [["run", "hello.py", "--mount=data"], "--mount takes GUEST=HOST"],
    [["run", "hello.py", "--mount=/data=data", "--mount=/data/sub=data"], "/data/sub"],
    [["run", "hello.py", "--clock=broken"], "--clock takes"],
    [["run", "hello.py", "--allow-net=api.example.com"], "--allow-net takes [METHODS:]URL"],
    [["run", "hello.py", "--allow-net=https://user:pw@a.test/"], "it must have no user name or password"],
    [["run", "noise.wasm"], "Cannot"],
    [
      ["run", "open.wasm"],
      'it is not sealed: it imports "env" "system" (not a WASI preview 1 import), which no sandbox provides',
    ],
    [["rum", "hello.py"], 'there is no command "rum"; did you mean "run"?'],
    [["meter", "noise.wasm", "-o", "out.wasm"], "Cannot"],
    [["meter", "open.wasm"], "meter needs -o OUT.wasm"],
    [["inspect"], "inspect takes one file"],
    [["repl", "hello.py"], "repl takes no file"],
  ])("%j is a usage error in one line", async (args, message) => {
    const { code, stdout, stderr } = await wardian(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^wardian/);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
  });
});

describe("wardian run with a command", () => {
  test("passes its exit code on, and prints nothing of its own", async () => {
    expect(await wardian(["run", "exit.wasm"])).toEqual({ code: 42, stdout: "", stderr: "" });
  });
});

describe("wardian run of a component", () => {
  test("waits with a command that sleeps", async () => {
    writeFileSync(path.join(folder, "sleeper.wasm"), await sleeperComponent());
    expect(await wardian(["run", "sleeper.wasm"])).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("wardian inspect and meter", () => {
  test("inspect says what is not sealed and why", async () => {
    const { code, stdout } = await wardian(["inspect", "open.wasm"]);
    expect(code).toBe(1);
    expect(stdout).toContain('"env" "system": not a WASI preview 1 import');
  });

  test("inspect says which capability serves each import, and which tools a component needs", async () => {
    const module = await wardian(["inspect", "exit.wasm"]);
    expect(module.code).toBe(0);
    expect(module.stdout).toContain('"wasi_snapshot_preview1" "proc_exit": the end of the run');
    const { code, stdout } = await wardian(["inspect", "shop.wasm"]);
    expect(code).toBe(0);
    expect(stdout).toContain('"acme:orders/api@1.2.0" "get-order": a tool named "acme:orders/api#get-order"');
    expect(stdout).toContain('sealed: yes, with the tools "acme:orders/api#get-order", "greet"');
  });

  test("types writes the declarations of a component", async () => {
    const { code, stdout } = await wardian(["types", "shop.wasm"]);
    expect(code).toBe(0);
    expect(stdout).toContain("export function echo(text: string): string;");
    expect(stdout).toContain("twice(n: number): number,");
    expect(await wardian(["types", "shop.wasm", "-o", "declarations"])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(path.join(folder, "declarations/interfaces/acme-orders-api.d.ts"), "utf8")).toContain(
      "getOrder",
    );
    expect((await wardian(["types", "exit.wasm"])).stderr).toContain("it is not a component");
  });

  test("inspect --json is one object", async () => {
    const { stdout } = await wardian(["inspect", "open.wasm", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ sealed: false, unsealed: [{ module: "env", name: "system" }] });
  });

  test("meter writes a module that the engine accepts", async () => {
    const { code, stdout } = await wardian(["meter", "open.wasm", "-o", "metered.wasm", "--json"]);
    expect(code).toBe(0);
    const { fuelExport, import: from } = JSON.parse(stdout) as { fuelExport: string; import: unknown };
    expect(from).toEqual({ module: "wardian", name: "exhausted" });
    const module = new WebAssembly.Module(readFileSync(path.join(folder, "metered.wasm")));
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toContain(fuelExport);
    expect(WebAssembly.Module.imports(module)).toContainEqual({
      module: "wardian",
      name: "exhausted",
      kind: "function",
    });
  });

  test("meter takes CPython, 9.6 MB", async () => {
    const { code, stdout } = await wardian(["meter", "pyodide.wasm", "-o", "pyodide.metered.wasm"]);
    expect(code).toBe(0);
    expect(stdout).toContain("times the input");
    expect(WebAssembly.validate(readFileSync(path.join(folder, "pyodide.metered.wasm")))).toBe(true);
  });
});

describe("wardian repl", () => {
  test("keeps state between lines, takes blocks, and goes on after errors and limits", async () => {
    const lines = [
      "x = 20",
      "def f(n):",
      "    return n + x",
      "",
      "f(22)",
      "1/0",
      "x",
      ".bogus",
      "while True: pass",
      "",
      "x",
      ".exit",
      "'never'",
    ];
    const { code, stdout, stderr } = await wardian(["repl", "--language=python", "--timeout=3000"], lines.join("\n"));
    expect(code).toBe(0);
    expect(stdout.split("\n")).toEqual(["42", "20", ""]);
    expect(stderr).toContain("ZeroDivisionError");
    expect(stderr).toContain("there is no command .bogus");
    expect(stderr).toContain("stopped by the time limit");
    expect(stderr).toContain("NameError");
  });

  test("in JavaScript", async () => {
    const { stdout } = await wardian(["repl"], "let a = 1\nfunction f() {\n  return a + 1;\n}\nf()\n({ a })\n");
    expect(stdout).toBe("2\n{ a: 1 }\n");
  });
});

test("help and version", async () => {
  expect((await wardian(["--help"])).stdout).toContain("wardian run");
  expect((await wardian(["run", "--help"])).stdout).toContain("--mount=GUEST=HOST[:MODE]");
  expect((await wardian([])).code).toBe(2);
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string };
  expect((await wardian(["--version"])).stdout).toBe(`${manifest.version}\n`);
});

describe("an overlay mount", () => {
  const overlay = `--mount=/data=`;
  const data = (): string => {
    const made = mkdtempSync(path.join(folder, "overlay-"));
    writeFileSync(path.join(made, "a.txt"), "alpha");
    return made;
  };

  test("keeps the machine's files as they are, and says what would change", async () => {
    const directory = data();
    const { code, stderr } = await wardian(["run", path.join(folder, "both.py"), `${overlay}${directory}:overlay`]);
    expect([code, stderr]).toEqual([
      0,
      "wardian: /data: 1 added, 1 modified, 0 removed, kept in memory and dropped; --commit writes them\n" +
        "  modified a.txt\n  added    new\\x1b.txt\n",
    ]);
    expect(readFileSync(path.join(directory, "a.txt"), "utf8")).toBe("alpha");
  });

  test("is written with --commit, after a run that ended well and only then", async () => {
    const directory = data();
    const failed = await wardian(["run", path.join(folder, "fail.py"), `${overlay}${directory}:overlay`, "--commit"]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("/data: 0 added, 1 modified, 0 removed, kept in memory and dropped");
    expect(readFileSync(path.join(directory, "a.txt"), "utf8")).toBe("alpha");
    const { code, stdout, stderr } = await wardian([
      "run",
      path.join(folder, "both.py"),
      `${overlay}${directory}:overlay`,
      "--commit",
      "--json",
    ]);
    expect([code, stderr.split("\n")[0]]).toEqual([0, "wardian: /data: 1 added, 1 modified, 0 removed, written"]);
    expect(JSON.parse(stdout)).toMatchObject({
      files: [
        { path: "/data/a.txt", kind: "modified", type: "file", size: 7 },
        { path: "/data/new\u001b.txt", kind: "added", type: "file", size: 1 },
      ],
    });
    expect(readFileSync(path.join(directory, "a.txt"), "utf8")).toBe("changed");
  });

  test("is needed for --commit", async () => {
    expect(await wardian(["run", path.join(folder, "hello.js"), "--commit"])).toMatchObject({
      code: 2,
      stderr: "wardian run: --commit writes what changed in overlays; mount one with --mount=GUEST=HOST:overlay\n",
    });
  });
});
