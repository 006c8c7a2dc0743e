import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { memoryDirectory, Sandbox, tool } from "wardian";
import type { Language, RunResult, SandboxOptions } from "wardian";
import { peerOf } from "../../src/guests/languages/peers.ts";

/** How each thing is said in one language. */
interface Phrases {
  readonly language: Language;
  readonly hello: string;
  /** Raises an error with the message "boo" on line 2. */
  readonly error: string;
  readonly syntaxError: string;
  /** Ends as a process does, with code 3. */
  readonly exit: string;
  /** Writes "written" into /work/out.txt, reads /data/in.txt, and prints what it read. */
  readonly files: string;
  /** Fails to write below /data, and prints "refused". */
  readonly readOnly: string;
  /** Prints the standard input. */
  readonly stdin: string;
  /** Prints the variable HOME and the first argument, with a space between them. */
  readonly surroundings?: string;
  /** Prints the sum that the tool "add" makes of 40 and 2. */
  readonly tool: string;
  /** Calls the tool "fail" and prints "caught" when that raises an error. */
  readonly toolError: string;
  /** The value of the run is a list of 1, 2.5, "é", true, nothing. */
  readonly value: string;
  readonly loop: string;
  readonly memory: string;
  /** Prints some 3 MB. */
  readonly output: string;
  /** Two runs: the second prints "kept" if the state of the first is still there. */
  readonly state: readonly [string, string];
  /** Writes to standard error. */
  readonly stderr?: string;
  /** Prints the time in seconds since 1970 and a random number. */
  readonly entropy?: string;
}

const PHRASES: readonly Phrases[] = [
  {
    language: "lua",
    hello: 'print("hello")',
    error: 'local function f()\n  error("boo")\nend\nf()',
    syntaxError: "local = 1",
    exit: "os.exit(3)",
    files: `
      local out = assert(io.open("/work/out.txt", "w")); out:write("written"); out:close()
      print(assert(io.open("/data/in.txt")):read("a"))`,
    readOnly: 'if not io.open("/data/new.txt", "w") then print("refused") end',
    stdin: 'io.write(io.read("a"))',
    surroundings: 'print(os.getenv("HOME") .. " " .. arg[1])',
    tool: 'print(wardian.tool("add", { a = 40, b = 2 }))',
    toolError: 'if not pcall(wardian.tool, "fail", {}) then print("caught") end',
    value: 'return { 1, 2.5, "é", true, wardian.null }',
    loop: "while true do end",
    memory: 'local t, s = {}, ("x"):rep(1000):rep(1000) for i = 1, 1e9 do t[i] = s .. i end',
    output: 'for i = 1, 30000 do print(("x"):rep(99)) end',
    state: ["x = 'kept'", "print(x)"],
    stderr: 'io.stderr:write("oops")',
    entropy: "print(os.time(), math.random(1 << 30))",
  },
  {
    language: "php",
    hello: '<?php echo "hello\\n";',
    error: '<?php function f() {\n  throw new RuntimeException("boo");\n}\nf();',
    syntaxError: "<?php foo(",
    exit: "<?php exit(3);",
    files: '<?php file_put_contents("/work/out.txt", "written"); echo file_get_contents("/data/in.txt"), "\\n";',
    readOnly: '<?php if (@file_put_contents("/data/new.txt", "x") === false) echo "refused\\n";',
    stdin: "<?php echo stream_get_contents(STDIN);",
    surroundings: '<?php echo getenv("HOME"), " ", $argv[1], "\\n";',
    tool: '<?php echo Wardian\\tool("add", ["a" => 40, "b" => 2]), "\\n";',
    toolError: '<?php try { Wardian\\tool("fail"); } catch (Wardian\\ToolError $e) { echo "caught\\n"; }',
    value: '<?php Wardian\\result([1, 2.5, "é", true, null]);',
    loop: "<?php while (true);",
    memory: '<?php $a = []; while (true) $a[] = str_repeat("x", 100000);',
    output: '<?php for ($i = 0; $i < 300; $i++) echo str_repeat("x", 9999), "\\n";',
    state: ["<?php $x = 1;", '<?php if (!isset($x)) echo "fresh\\n";'],
    stderr: '<?php fwrite(STDERR, "oops");',
    entropy: "<?php echo time(), ' ', mt_rand();",
  },
  {
    language: "ruby",
    hello: 'puts "hello"',
    error: 'def f\n  raise "boo"\nend\nf',
    syntaxError: "x = = 1",
    exit: "exit 3",
    files: 'File.write("/work/out.txt", "written"); puts File.read("/data/in.txt")',
    readOnly: 'begin; File.write("/data/new.txt", "x"); rescue SystemCallError; puts "refused"; end',
    stdin: "print STDIN.read",
    surroundings: 'puts "#{ENV["HOME"]} #{ARGV[0]}"',
    tool: 'puts Wardian.tool("add", a: 40, b: 2)',
    toolError: 'begin; Wardian.tool("fail"); rescue Wardian::ToolError; puts "caught"; end',
    value: '[1, 2.5, "é", true, nil]',
    loop: "loop {}",
    memory: 'a = []; loop { a << "x" * 10_000_000 }',
    output: '30_000.times { puts "x" * 99 }',
    state: ['x = "kept"', 'puts(defined?(x) ? x : "gone")'],
    stderr: '$stderr.print "oops"',
    entropy: 'puts "#{Time.now.to_i} #{rand(1 << 30)} #{Random.new_seed}"',
  },
  {
    language: "perl",
    hello: 'print "hello\\n"',
    error: 'sub f {\n  die "boo";\n}\nf();',
    syntaxError: "my $x = = 1;",
    exit: "exit 3",
    files: `
      open(my $out, ">", "/work/out.txt") or die; print $out "written"; close $out;
      open(my $in, "<", "/data/in.txt") or die; print <$in>, "\\n";`,
    readOnly: 'print "refused\\n" unless open(my $f, ">", "/data/new.txt")',
    stdin: "print while <STDIN>",
    surroundings: 'print "$ENV{HOME} $ARGV[0]\\n"',
    tool: 'print wardian::tool("add", a => 40, b => 2), "\\n"',
    toolError: 'print "caught\\n" unless eval { wardian::tool("fail"); 1 }',
    value: 'wardian::result([1, 2.5, "é", !!1, undef])',
    loop: "while (1) {}",
    memory: 'my @a; push @a, "x" x 10_000_000 while 1',
    output: 'print "x" x 99, "\\n" for 1 .. 30_000',
    state: ['our $x = "kept"', 'print(($x // "gone") . "\\n")'],
    stderr: 'print STDERR "oops"',
    entropy: 'print time, " ", int(rand(1 << 30))',
  },
];

/** Languages of which each run is fresh. */
const FRESH: ReadonlySet<Language> = new Set(["php"]);

const modules = path.resolve(import.meta.dirname, "../../node_modules");

function isInstalled(language: Language): boolean {
  const peer = peerOf(language);
  return peer === undefined || existsSync(path.join(modules, peer.packageName, peer.file));
}

describe.each(PHRASES)("a sandbox of $language", (phrases) => {
  const { language } = phrases;
  const opened: Sandbox[] = [];
  /** One for all tests, put back between them: what a reset leaves behind would show. */
  let shared: Sandbox | undefined;
  afterAll(() => {
    for (const sandbox of opened) sandbox.close();
  });

  async function create(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
    const sandbox = await Sandbox.create({
      language,
      limits: { timeoutMs: 30_000, fuel: 4e9, memoryBytes: 128 * 2 ** 20 },
      files: {
        "/data": memoryDirectory({ files: { "in.txt": "from the host" }, mode: "read-only" }),
        "/work": memoryDirectory(),
      },
      tools: {
        add: tool({ run: ({ a, b }: { a: number; b: number }) => a + b }),
        fail: tool({
          run: () => {
            throw new Error("it failed");
          },
        }),
      },
      env: { HOME: "/home" },
      args: ["first"],
      stdin: "line 1\nline 2\n",
      ...options,
    });
    opened.push(sandbox);
    return sandbox;
  }

  async function fresh(): Promise<Sandbox> {
    shared ??= await create();
    await shared.reset();
    return shared;
  }

  const run = async (source: string, options?: Partial<SandboxOptions>): Promise<RunResult> =>
    await (options === undefined ? await fresh() : await create(options)).run(source);

  const available = isInstalled(language);
  const when = test.skipIf(!available);
  if (!available) console.warn(`test/contract/languages: the package of ${language} is not installed`);

  when("prints", async () => {
    expect(await run(phrases.hello)).toMatchObject({ status: "ok", stdout: "hello\n", stderr: "", sandbox: "kept" });
  });

  when("tells the guest's own error, with its line, and goes on", async () => {
    const sandbox = await fresh();
    const result = await sandbox.run(phrases.error);
    expect(result).toMatchObject({ status: "error", error: { line: 2 }, sandbox: "kept" });
    expect(result.status === "error" && result.error.message).toContain("boo");
    expect(result.status === "error" && result.error.traceback).toContain("main");
    expect(await sandbox.run(phrases.hello)).toMatchObject({ status: "ok", stdout: "hello\n" });
  });

  when("tells a syntax error", async () => {
    const result = await run(phrases.syntaxError);
    expect(result.status).toBe("error");
    expect(result.status === "error" && result.error.line).toBe(1);
  });

  when("passes an exit code on", async () => {
    const sandbox = await fresh();
    expect(await sandbox.run(phrases.exit)).toMatchObject({ status: "error", exitCode: 3 });
    expect(await sandbox.run(phrases.hello)).toMatchObject({ status: "ok", stdout: "hello\n" });
  });

  when("reads and writes the files that it was given, and no others", async () => {
    const sandbox = await fresh();
    expect(await sandbox.run(phrases.files)).toMatchObject({
      status: "ok",
      stdout: "from the host\n",
      files: [{ path: "/work/out.txt" }],
    });
    expect(await sandbox.files.readText("/work/out.txt")).toBe("written");
    expect(await sandbox.run(phrases.readOnly)).toMatchObject({ stdout: "refused\n" });
  });

  when("reads standard input", async () => {
    expect(await run(phrases.stdin)).toMatchObject({ status: "ok", stdout: "line 1\nline 2\n" });
  });

  test.skipIf(!available || phrases.surroundings === undefined)("has its environment and arguments", async () => {
    expect(await run(phrases.surroundings ?? "")).toMatchObject({ status: "ok", stdout: "/home first\n" });
  });

  test.skipIf(!available || phrases.stderr === undefined)("writes to standard error", async () => {
    expect(await run(phrases.stderr ?? "")).toMatchObject({ status: "ok", stdout: "", stderr: "oops" });
  });

  when("calls tools, and can catch their errors", async () => {
    const sandbox = await fresh();
    expect(await sandbox.run(phrases.tool)).toMatchObject({ status: "ok", stdout: "42\n", usage: { toolCalls: 1 } });
    expect(await sandbox.run(phrases.toolError)).toMatchObject({ status: "ok", stdout: "caught\n" });
  });

  when("hands over values", async () => {
    expect(await run(phrases.value)).toMatchObject({ status: "ok", value: [1, 2.5, "é", true, null] });
  });

  when("is stopped by fuel and by time in an endless loop, and works again", async () => {
    const sandbox = await fresh();
    expect(await sandbox.run(phrases.loop, { limits: { fuel: 1e9 } })).toMatchObject({
      status: "limit",
      limit: "fuel",
      sandbox: "reset",
    });
    expect(await sandbox.run(phrases.loop, { limits: { timeoutMs: 80 } })).toMatchObject({
      status: "limit",
      limit: "time",
      sandbox: "reset",
    });
    expect(await sandbox.run(phrases.hello)).toMatchObject({ status: "ok", stdout: "hello\n" });
  });

  when("is held to its memory", async () => {
    const sandbox = await fresh();
    const result = await sandbox.run(phrases.memory);
    expect(result).toMatchObject({ status: "limit", limit: "memory" });
    expect(result.usage.memoryBytes).toBeLessThanOrEqual(128 * 2 ** 20);
    expect(await sandbox.run(phrases.hello)).toMatchObject({ status: "ok", stdout: "hello\n" });
  });

  when("is held to its output", async () => {
    const result = await run(phrases.output);
    expect(result.status).toBe("ok");
    expect(Buffer.byteLength(result.stdout)).toBe(2 ** 20);
    expect(result.truncated.stdout).toBe(3_000_000 - 2 ** 20);
  });

  when("keeps its state from run to run, or begins afresh", async () => {
    const sandbox = await fresh();
    const [first, second] = phrases.state;
    expect((await sandbox.run(first)).status).toBe("ok");
    expect(await sandbox.run(second)).toMatchObject({ stdout: FRESH.has(language) ? "fresh\n" : "kept\n" });
  });

  test.skipIf(!available || FRESH.has(language))("is reset, forked and restored", async () => {
    const sandbox = await fresh();
    const [first, second] = phrases.state;
    await sandbox.run(first);
    const fork = await sandbox.fork();
    opened.push(fork);
    expect(await fork.run(second)).toMatchObject({ stdout: "kept\n" });
    const restored = await Sandbox.restore(await sandbox.snapshot(), {
      language,
      limits: { timeoutMs: 30_000, fuel: 4e9, memoryBytes: 128 * 2 ** 20 },
      acceptPolicyChange: true,
    });
    opened.push(restored);
    expect(await restored.run(second)).toMatchObject({ stdout: "kept\n" });
    await sandbox.reset();
    expect((await sandbox.run(second)).stdout).not.toBe("kept\n");
  });

  test.skipIf(!available || phrases.entropy === undefined)(
    "takes time and chance from the sandbox: two with the same are the same",
    async () => {
      const options = { clock: { kind: "fixed", at: 1e12 }, random: { seed: 42 } } as const;
      const [one, same, other] = [
        await run(phrases.entropy ?? "", options),
        await run(phrases.entropy ?? "", options),
        await run(phrases.entropy ?? "", { ...options, random: { seed: 43 } }),
      ];
      expect(one.status).toBe("ok");
      expect(same).toMatchObject({ stdout: one.stdout, usage: { fuel: one.usage.fuel } });
      expect(other.stdout).not.toBe(one.stdout);
    },
  );
});
