// A guest is told its arguments and its environment, and nothing of the process, the machine or the person that runs it.
import os from "node:os";
import { describe, expect, test } from "vitest";
import { Sandbox } from "../../src/index.ts";
import type { Language, RunResult, SandboxOptions } from "../../src/index.ts";

async function run(language: Language, source: string, options: Partial<SandboxOptions> = {}): Promise<RunResult> {
  const sandbox = await Sandbox.create({ language, ...options, limits: { timeoutMs: 20_000 } });
  const result = await sandbox.run(source);
  sandbox.close();
  return result;
}

/** Everything that a Python program can ask about where it runs. Each answer is an answer or the name of an error. */
const ASK_PYTHON = `
import os, sys, time, locale, platform, getpass, socket, sysconfig, tempfile, json
def ask(question):
    try:
        return repr(question())
    except BaseException as error:
        return type(error).__name__
questions = dict(
    argv=lambda: sys.argv, orig=lambda: sys.orig_argv, executable=lambda: sys.executable, prefix=lambda: sys.prefix, path=lambda: sys.path,
    environ=lambda: sorted(os.environ.items()), cwd=lambda: os.getcwd(), pid=lambda: os.getpid(), ppid=lambda: os.getppid(),
    uid=lambda: os.getuid(), gid=lambda: os.getgid(), groups=lambda: os.getgroups(), login=lambda: os.getlogin(), user=lambda: getpass.getuser(),
    home=lambda: os.path.expanduser("~"), uname=lambda: tuple(os.uname()), node=lambda: platform.node(), machine=lambda: platform.platform(),
    processor=lambda: platform.processor(), host=lambda: socket.gethostname(), cpus=lambda: os.cpu_count(), affinity=lambda: os.sched_getaffinity(0),
    load=lambda: os.getloadavg(), locale=lambda: locale.setlocale(locale.LC_ALL, ""), encoding=lambda: sys.getfilesystemencoding(),
    zone=lambda: (time.tzname, time.timezone, time.altzone, time.daylight), offset=lambda: time.localtime().tm_gmtoff, summer=lambda: time.mktime((2026, 7, 1, 0, 0, 0, 0, 0, -1)),
    temp=lambda: tempfile.gettempdir(), sysconf=lambda: os.sysconf("SC_PHYS_PAGES"), passwd=lambda: __import__("pwd").getpwall(), tty=lambda: os.ttyname(0),
    etc=lambda: os.listdir("/etc"), proc=lambda: os.listdir("/proc"), self=lambda: open("/proc/self/environ").read(), root=lambda: sorted(os.listdir("/")),
)
json.dumps({name: ask(question) for name, question in questions.items()})`;

const ASK_JAVASCRIPT = `
const ask = (question) => { try { const answer = question(); return typeof answer === "string" ? answer : JSON.stringify(answer) ?? String(answer); } catch (error) { return error.name; } };
const { args, env } = await import("wardian:environment");
const fs = (await import("node:fs")).default;
const questions = {
  args: () => args, env: () => ({ ...env }), process: () => typeof process, require: () => typeof require, navigator: () => typeof navigator,
  zone: () => [new Date(0).getTimezoneOffset(), new Date(2026, 6, 1).getTimezoneOffset(), String(new Date(0))], intl: () => typeof Intl,
  locale: () => (1234.5).toLocaleString() + new Date(0).toLocaleString(), stack: () => new Error("x").stack, root: () => fs.readdirSync("/").sort(),
  proc: () => fs.readFileSync("/proc/self/environ"), real: () => fs.realpathSync("."), keys: () => Object.getOwnPropertyNames(globalThis).filter((name) => /deno|bun|node|window|self$|worker/i.test(name)),
};
JSON.stringify(Object.fromEntries(Object.entries(questions).map(([name, question]) => [name, ask(question)])));`;

/** Texts that only the host knows. Short ones would be found by chance. */
function secrets(): string[] {
  const { username, homedir } = os.userInfo();
  return [
    process.cwd(),
    process.execPath,
    process.argv[1] ?? "",
    os.hostname(),
    os.release(),
    os.version(),
    homedir,
    username,
    process.version,
    String(process.pid),
    String(process.ppid),
    process.env["PATH"] ?? "",
    "canary-of-the-host",
  ].filter((text) => text.length > 3 && text !== "root");
}

describe.each([
  ["python", ASK_PYTHON],
  ["javascript", ASK_JAVASCRIPT],
] as const)("%s", (language, source) => {
  test("finds nothing of the host, and the same wherever it runs", async () => {
    const before = { TZ: process.env["TZ"], LANG: process.env["LANG"] };
    const answers: string[] = [];
    try {
      for (const zone of ["America/New_York", "Asia/Kolkata"]) {
        process.env["TZ"] = zone;
        process.env["LANG"] = "de_DE.UTF-8";
        process.env["WARDIAN_CANARY"] = "canary-of-the-host";
        const result = await run(language, source, { clock: { kind: "fixed", at: 0 } });
        if (result.status !== "ok") throw new Error(result.status);
        answers.push(result.value as string);
      }
    } finally {
      delete process.env["WARDIAN_CANARY"];
      for (const [name, value] of Object.entries(before))
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
    expect(answers[1]).toBe(answers[0]);
    for (const secret of secrets()) expect(answers[0], `says "${secret}"`).not.toContain(secret);
  });

  test("has UTC, no arguments, and an environment of its own", async () => {
    const result = await run(language, source, { clock: { kind: "fixed", at: 0 } });
    const answers = JSON.parse(result.status === "ok" ? (result.value as string) : "{}") as Record<string, string>;
    if (language === "python")
      expect(answers).toMatchObject({
        argv: "['main.py']",
        environ: "[('HOME', '/'), ('TMPDIR', '/tmp')]",
        cwd: "'/'",
        uid: "0",
        zone: "(('UTC', 'UTC'), 0, 0, 0)",
        offset: "0",
        root: "['tmp']",
      });
    else
      expect(answers).toMatchObject({
        args: "[]",
        env: "{}",
        process: "undefined",
        intl: "undefined",
        zone: '[0,0,"Thu Jan 01 1970 00:00:00 GMT+0000"]',
        root: '["tmp"]',
        keys: "[]",
      });
  });

  test("gets every name and value that it is given as it is", async () => {
    const env = { __proto__x: "1", constructor: "2", toString: "3", "a b": "ü🪴\n", EMPTY: "", ["__proto__"]: "4" };
    const args = ["", "--flag=a b", "🪴", "\\n\n\"'", "\udc00"];
    const told =
      language === "python"
        ? `import os, sys, json\njson.dumps([sorted((k, v) for k, v in os.environ.items() if k not in ("HOME", "TMPDIR")), sys.argv[1:]])`
        : `const { args, env } = await import("wardian:environment"); JSON.stringify([Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)), args])`;
    const result = await run(language, told, { env, args });
    expect(JSON.parse(result.status === "ok" ? (result.value as string) : JSON.stringify(result))).toEqual([
      Object.entries(env).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      args,
    ]);
  });
});

test.each([
  [{ env: { "A=B": "x" } }, 'Cannot set the environment variable "A=B": a name is not empty and has no "="'],
  [{ env: { "": "x" } }, 'Cannot set the environment variable "": a name is not empty and has no "="'],
  [{ env: { A: "a\0b" } }, 'Cannot set the environment variable "A": it holds a NUL'],
  [{ env: { A: 5 } }, 'Cannot create a sandbox: env["A"] must be a string, not 5'],
  [{ env: { A: "a\ud800b" } }, 'Cannot set the environment variable "A": it holds half of a surrogate pair'],
  [{ args: ["a\0"] }, "Cannot create a sandbox: args must not hold NUL"],
  [
    { args: ["x".repeat(2 ** 20 + 1)] },
    "Cannot create a sandbox: args are 1048577 characters long, at most 1048576 are allowed",
  ],
])("is refused by name: %j", async (options, message) => {
  await expect(Sandbox.create({ language: "javascript", ...options } as SandboxOptions)).rejects.toThrow(message);
});

test("the arguments of one run are bounded too", async () => {
  const sandbox = await Sandbox.create({ language: "javascript" });
  await expect(sandbox.run("1", { args: Array.from({ length: 3 }, () => "x".repeat(2 ** 19)) })).rejects.toThrow(
    "Cannot run: args are 1572864 characters long, at most 1048576 are allowed",
  );
  await expect(sandbox.run("1", { args: Array.from({ length: 2 ** 20 + 1 }, () => "") })).rejects.toThrow(
    "Cannot run: args are 1048577, at most 65536 are allowed",
  );
  sandbox.close();
});
