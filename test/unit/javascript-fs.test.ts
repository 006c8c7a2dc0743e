import { describe, expect, test } from "vitest";
import { memoryDirectory } from "../../src/index.ts";
import { errorOf, javascript, okValue, runOnce, valueOf } from "../support/javascript-sandbox.ts";

const fs = (body: string): string =>
  `import fs from "node:fs"; import fsp from "node:fs/promises"; const run = async () => { ${body} }; export default await run();`;

describe("node:fs", () => {
  test.each<[string, string, unknown]>([
    [
      "text",
      "fs.writeFileSync('/tmp/a', 'hé\\0'); fs.appendFileSync('/tmp/a', '!'); return fs.readFileSync('/tmp/a', 'utf8')",
      "hé\0!",
    ],
    [
      "bytes",
      "fs.writeFileSync('/tmp/a', new Uint8Array([0, 255])); return fs.readFileSync('/tmp/a')",
      Uint8Array.of(0, 255),
    ],
    [
      "a part of a buffer",
      "fs.writeFileSync('/tmp/a', new Uint8Array([1, 2, 3, 4]).subarray(1, 3)); return fs.readFileSync('/tmp/a')",
      Uint8Array.of(2, 3),
    ],
    [
      "an empty file",
      "fs.writeFileSync('/tmp/a', ''); return [fs.readFileSync('/tmp/a', 'utf8'), fs.readFileSync('/tmp/a').length, fs.statSync('/tmp/a').size]",
      ["", 0, 0],
    ],
    [
      "encodings",
      "fs.writeFileSync('/tmp/a', 'aGk=', 'base64'); return ['utf8', 'hex', 'base64', 'latin1'].map((e) => fs.readFileSync('/tmp/a', { encoding: e }))",
      ["hi", "6869", "aGk=", "hi"],
    ],
    [
      "no clobbering with wx",
      "fs.writeFileSync('/tmp/a', 'x'); try { fs.writeFileSync('/tmp/a', 'y', { flag: 'wx' }) } catch (e) { return e.code }",
      "EEXIST",
    ],
    [
      "directories",
      "fs.mkdirSync('/tmp/a/b/c', { recursive: true }); fs.writeFileSync('/tmp/a/f', ''); return [fs.readdirSync('/tmp/a'), fs.readdirSync('/tmp', { recursive: true })]",
      [
        ["b", "f"],
        ["a", "a/b", "a/b/c", "a/f"],
      ],
    ],
    [
      "entries with types",
      "fs.mkdirSync('/tmp/d'); fs.writeFileSync('/tmp/f', ''); return fs.readdirSync('/tmp', { withFileTypes: true }).map((e) => [e.name, e.isDirectory(), e.isFile()])",
      [
        ["d", true, false],
        ["f", false, true],
      ],
    ],
    [
      "stat",
      "fs.writeFileSync('/tmp/f', 'abc'); const s = fs.statSync('/tmp/f'); return [s.size, s.isFile(), s.isDirectory(), s.mtime instanceof Date]",
      [3, true, false, true],
    ],
    ["stat of nothing", "return fs.statSync('/tmp/x', { throwIfNoEntry: false })", undefined],
    [
      "existsSync",
      "return ['/tmp', '/tmp/x', '/nope', '\\0', 5].map((p) => fs.existsSync(p))",
      [true, false, false, false, false],
    ],
    [
      "rename, copy and remove",
      "fs.writeFileSync('/tmp/a', '1'); fs.renameSync('/tmp/a', '/tmp/b'); fs.copyFileSync('/tmp/b', '/tmp/c'); fs.unlinkSync('/tmp/b'); return fs.readdirSync('/tmp')",
      ["c"],
    ],
    [
      "rm of a tree",
      "fs.mkdirSync('/tmp/t/u', { recursive: true }); fs.writeFileSync('/tmp/t/u/f', ''); fs.cpSync('/tmp/t', '/tmp/v', { recursive: true }); fs.rmSync('/tmp/t', { recursive: true }); fs.rmSync('/tmp/nope', { force: true }); return fs.readdirSync('/tmp', { recursive: true })",
      ["v", "v/u", "v/u/f"],
    ],
    [
      "links",
      "fs.writeFileSync('/tmp/f', 'x'); fs.symlinkSync('f', '/tmp/l'); return [fs.readlinkSync('/tmp/l'), fs.readFileSync('/tmp/l', 'utf8'), fs.lstatSync('/tmp/l').isSymbolicLink(), fs.realpathSync('/tmp/l')]",
      ["f", "x", true, "/tmp/f"],
    ],
    [
      "truncate and times",
      "fs.writeFileSync('/tmp/f', 'abcdef'); fs.truncateSync('/tmp/f', 2); fs.utimesSync('/tmp/f', 1, new Date(5000)); return [fs.readFileSync('/tmp/f', 'utf8'), fs.statSync('/tmp/f').mtimeMs]",
      ["ab", 5_000],
    ],
    [
      "promises",
      "await fsp.writeFile('/tmp/p', 'x'); await fs.promises.appendFile('/tmp/p', 'y'); return [await fsp.readFile('/tmp/p', 'utf8'), await fsp.access('/nope').catch((e) => e.code)]",
      ["xy", "ENOENT"],
    ],
    [
      "callbacks",
      "return new Promise((done) => fs.readFile('/nope', 'utf8', (e, text) => done([e.code, text])))",
      ["ENOENT", undefined],
    ],
    [
      "file URLs and relative paths",
      "fs.writeFileSync(new URL('file:///tmp/u%20v'), '1'); return fs.readFileSync('tmp/u v', 'utf8')",
      "1",
    ],
    [
      "a file of more than one piece",
      "const b = new Uint8Array(3_000_000).map((_, i) => i % 251); fs.writeFileSync('/tmp/big', b); const r = fs.readFileSync('/tmp/big'); return [r.length, r.every((x, i) => x === i % 251)]",
      [3_000_000, true],
    ],
    [
      "bad UTF-8",
      "fs.writeFileSync('/tmp/f', new Uint8Array([65, 255, 66])); return fs.readFileSync('/tmp/f', 'utf8')",
      "A\ufffdB",
    ],
  ])("%s", async (_name, body, value) => {
    expect(await valueOf(fs(body))).toEqual(value);
  });

  test("errors look like Node's", async () => {
    expect(
      await valueOf(
        fs(
          "try { fs.readFileSync('/tmp/no/x') } catch (e) { return [e instanceof Error, e.message, e.code, e.syscall, e.path] }",
        ),
      ),
    ).toEqual([true, "ENOENT: no such file or directory, open '/tmp/no/x'", "ENOENT", "open", "/tmp/no/x"]);
    expect(errorOf(await runOnce(fs("fs.renameSync('/tmp/a', '/tmp/b')"))).message).toBe(
      "ENOENT: no such file or directory, rename '/tmp/a' -> '/tmp/b'",
    );
    expect(errorOf(await runOnce(fs("fs.readdirSync('/tmp/a')"))).message).toMatch(/^ENOENT/);
    expect(errorOf(await runOnce(fs("fs.readFileSync('/tmp')"))).message).toMatch(/^EISDIR/);
    expect(errorOf(await runOnce(fs("fs.readFileSync({})"))).name).toBe("TypeError");
  });

  test("what a callback throws ends the run", async () => {
    expect(
      errorOf(
        await runOnce(
          "import fs from 'node:fs'; fs.readFile('/nope', () => { throw new RangeError('from callback') })",
        ),
      ),
    ).toMatchObject({ name: "RangeError", message: "from callback" });
  });

  test("a read-only mount stays as it is", async () => {
    const files = { "/data": memoryDirectory({ files: { a: "1" }, mode: "read-only" }) };
    const attempts = [
      "fs.writeFileSync('/data/a', '2')",
      "fs.appendFileSync('/data/a', '2')",
      "fs.truncateSync('/data/a')",
      "fs.unlinkSync('/data/a')",
      "fs.renameSync('/data/a', '/data/b')",
      "fs.mkdirSync('/data/d')",
      "fs.symlinkSync('a', '/data/l')",
      "fs.linkSync('/data/a', '/data/h')",
      "fs.utimesSync('/data/a', 1, 1)",
    ];
    const codes = attempts
      .map((attempt) => `try { ${attempt}; codes.push('done') } catch (e) { codes.push(e.code) }`)
      .join("\n");
    expect(
      await valueOf(
        fs(`const codes = [];\n${codes}\nreturn [codes, fs.readdirSync('/data'), fs.readFileSync('/data/a', 'utf8')]`),
        { files },
      ),
    ).toEqual([attempts.map(() => "EROFS"), ["a"], "1"]);
  });

  test("a full disk is ENOSPC, and the sandbox lives on", async () => {
    const sandbox = await javascript({ files: { "/small": memoryDirectory({ maxBytes: 1_000 }) } });
    expect(
      okValue(
        await sandbox.run(
          fs(
            "fs.writeFileSync('/small/a', 'x'.repeat(600)); try { fs.writeFileSync('/small/b', 'x'.repeat(600)) } catch (e) { return e.code }",
          ),
        ),
      ),
    ).toBe("ENOSPC");
    expect(okValue(await sandbox.run("1"))).toBe(1);
  });

  test("standard streams are files 0, 1 and 2", async () => {
    const result = await runOnce(
      fs(
        "fs.writeFileSync(1, 'out'); fs.writeFileSync(2, new Uint8Array([101])); return fs.readFileSync(0, 'utf8') + fs.readFileSync('/dev/stdin', 'utf8')",
      ),
      { stdin: "in\0put" },
    );
    expect(result).toMatchObject({ status: "ok", value: "in\0put", stdout: "out", stderr: "e" });
  });

  test("hostile operations end in an errno or in a stop, never in a throw of the host", async () => {
    for (const body of [
      "fs.readFileSync('/tmp/' + 'x'.repeat(1e6))",
      "fs.readFileSync('/tmp/' + '../'.repeat(1e5) + 'etc/passwd')",
      "fs.truncateSync('/tmp', 1e300)",
      "fs.utimesSync('/tmp', NaN, Infinity)",
      "fs.writeFileSync('/tmp/a', 'x', { flag: '__proto__' })",
      "fs.mkdirSync('/tmp/\\ud800')\nfs.readFileSync('/tmp/\\ud800/x')",
    ]) {
      const result = await runOnce(fs(`${body}; return 1`));
      expect(["error", "limit", "ok"]).toContain(result.status);
      if (result.status === "error") expect(result.error.name).not.toBe("HostError");
    }
  });
});
