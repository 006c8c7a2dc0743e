// Wheels: what is unpacked, and what is refused before anything is.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { lockPackages, memoryDirectory, Sandbox } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { PythonSandbox } from "../support/python-sandbox.ts";
import { wheel, zip } from "../support/zip-writer.ts";
import type { ZipFile } from "../support/zip-writer.ts";

const MOSS = wheel({
  "moss/__init__.py": "from moss.leaf import colour\n",
  "moss/leaf.py": "def colour(): return 'green'\n",
  "moss/data/kinds.txt": "sphagnum\n",
  "moss-1.0.data/purelib/beside.py": "value = 7\n",
  "moss-1.0.data/scripts/moss": "#!python\n",
});

const folder = mkdtempSync(path.join(tmpdir(), "wardian-wheels-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function refusal(packages: unknown, options: Partial<SandboxOptions> = {}): Promise<string> {
  try {
    (await Sandbox.create({ language: "python", packages, ...options } as SandboxOptions)).close();
  } catch (error) {
    if (error instanceof Error) return `${"code" in error ? String(error.code) : error.name}: ${error.message}`;
    throw error;
  }
  return "created";
}

async function problem(files: readonly ZipFile[], end?: Parameters<typeof zip>[1]): Promise<string> {
  return (await refusal([zip(files, end)])).replace("invalid-package: Cannot use the package packages[0]: ", "");
}

describe("a pure wheel", () => {
  test("is imported, read-only, and known to importlib", async () => {
    const sandbox = await PythonSandbox.create({ packages: [MOSS] });
    expect(
      await sandbox.value(`
import moss, beside, sys, importlib.metadata, importlib.resources
try:
    open("/lib/python3.14/site-packages/moss/new.py", "w")
    written = True
except OSError as error:
    written = error.errno
[moss.colour(), beside.value, importlib.metadata.version("moss"), importlib.resources.files("moss").joinpath("data/kinds.txt").read_text(), moss.__file__, sys.path[-1], written]`),
    ).toEqual([
      "green",
      7,
      "1.0",
      "sphagnum\n",
      "/lib/python3.14/site-packages/moss/__init__.py",
      "/lib/python3.14/site-packages",
      69,
    ]);
    await sandbox.reset();
    expect(await sandbox.value("import moss; moss.colour()")).toBe("green");
    sandbox.close();
  });

  test("goes to forks, once on sys.path", async () => {
    const sandbox = await Sandbox.create({ language: "python", packages: [MOSS] });
    await sandbox.run("import sys, moss");
    const fork = await sandbox.fork();
    expect(
      await fork.run("from moss import leaf; [leaf.colour(), sum('site-packages' in p for p in sys.path)]"),
    ).toMatchObject({
      status: "ok",
      value: ["green", 1],
    });
    fork.close();
    sandbox.close();
  });

  test("does not go into snapshots, and has to be given again", async () => {
    const options = { language: "python", packages: [MOSS] } as const;
    const sandbox = await Sandbox.create(options);
    await sandbox.run("import moss");
    const snapshot = await sandbox.snapshot();
    const restored = await Sandbox.restore(snapshot, options);
    expect(await restored.run("from moss import leaf; leaf.colour()")).toMatchObject({ status: "ok", value: "green" });
    restored.close();
    await expect(Sandbox.restore(snapshot, { language: "python" })).rejects.toMatchObject({ code: "foreign-snapshot" });
    sandbox.close();
  });

  test("comes from a file, and goes to a worker and a process", async () => {
    const file = path.join(folder, "moss-1.0-py3-none-any.whl");
    writeFileSync(file, MOSS);
    for (const execution of ["worker", "process"] as const) {
      const sandbox = await Sandbox.create({ language: "python", packages: [file], execution });
      expect(await sandbox.run("import moss; moss.colour()")).toMatchObject({ status: "ok", value: "green" });
      sandbox.close();
    }
    expect(await refusal([path.join(folder, "no.whl")])).toMatch(/^invalid-package: .*no\.whl" cannot be read$/);
  });

  test("is there with others, but not twice and not in each other's files", async () => {
    const fern = wheel({ "fern.py": "import moss" }, { name: "fern", version: "2.0" });
    expect(await refusal([MOSS, fern])).toBe("created");
    expect(await refusal([MOSS, wheel({}, { name: "Moss", version: "1.1" })])).toBe(
      "invalid-package: Cannot use the package Moss 1.1: a package of this name was given before",
    );
    expect(await refusal([MOSS, wheel({ "beside.py": "" }, { name: "other" })])).toBe(
      'invalid-package: Cannot use the package other 1.0: its file "beside.py" is one of moss too',
    );
    expect(await refusal([wheel({ a: "" }, { name: "one" }), wheel({ "a/b.py": "" }, { name: "two" })])).toBe(
      'invalid-package: Cannot use the package two 1.0: its file "a/b.py" has the name of another one\'s directory',
    );
  });
});

describe("a lock", () => {
  test("names digests, and holds", async () => {
    const lock = await lockPackages([MOSS]);
    expect(lock).toEqual({ version: 1, packages: [{ name: "moss", version: "1.0", sha256: digestOf(MOSS) }] });
    const other = wheel({ "moss.py": "evil = 1" });
    const refused = async (packages: readonly Uint8Array[], packagesLock: unknown = lock): Promise<string> =>
      await refusal(packages, { packagesLock } as Partial<SandboxOptions>);
    expect(await refused([MOSS])).toBe("created");
    expect(await refused([other])).toBe(
      `invalid-package: Cannot use the package moss 1.0: its SHA-256 is ${digestOf(other)}, and the lock names ${digestOf(MOSS)}`,
    );
    expect(await refused([])).toBe(
      'invalid-package: Cannot use the package "moss" "1.0": the lock names it, and no wheel of it was given',
    );
    expect(await refused([MOSS, wheel({}, { name: "fern" })])).toBe(
      "invalid-package: Cannot use the package fern 1.0: the lock does not name it",
    );
    expect(await refused([wheel({}, { version: "1.1" })])).toBe(
      'invalid-package: Cannot use the package moss 1.1: the lock names version "1.0"',
    );
    const shape = "invalid-option: Cannot create a sandbox: the lock of its packages ";
    expect(await refused([MOSS], {})).toContain(`${shape}is not of version 1`);
    expect(await refused([MOSS], { version: 1, packages: [{ name: "moss" }] })).toContain(
      `${shape}has a package without`,
    );
    expect(await refused([MOSS], { version: 1, packages: [{ name: "moss", version: "1.0", sha256: "0" }] })).toContain(
      `${shape}has no SHA-256`,
    );
  });
});

describe("a wheel for another interpreter is refused", () => {
  test.each([
    ["py3-none-any", true],
    ["py314-none-any", true],
    ["py39-none-any", true],
    ["cp314-none-any", true],
    ["cp314-cp314-pyemscripten_2026_0_wasm32", true],
    ["cp311-abi3-pyemscripten_2026_0_wasm32", true],
    ["py2-none-any", false],
    ["py315-none-any", false],
    ["cp313-none-any", false],
    ["cp313-cp313-pyemscripten_2025_0_wasm32", false],
    ["cp314-cp314t-pyemscripten_2026_0_wasm32", false],
    ["cp314-cp314-manylinux_2_28_x86_64", false],
    ["cp315-abi3-pyemscripten_2026_0_wasm32", false],
    ["py3-none-any-x", false],
  ])("%s", async (tag, fits) => {
    expect(await refusal([wheel({}, { tag })])).toBe(
      fits
        ? "created"
        : `invalid-package: Cannot use the package moss 1.0: it is for "${tag}"; this one takes "py3-none-any" or "cp314-cp314-pyemscripten_2026_0_wasm32"`,
    );
  });
});

describe("an archive is refused", () => {
  const file = (name: string, more: Partial<ZipFile> = {}): readonly ZipFile[] => [
    { name, content: "x".repeat(1000), ...more },
  ];

  test.each([
    ["../up.py", "it leads out of the package"],
    ["/etc/passwd", "it leads out of the package"],
    ["a/../../b.py", "it leads out of the package"],
    ["a//b.py", "it leads out of the package"],
    ["a/./b.py", "it leads out of the package"],
    ["nul\0.py", "it leads out of the package"],
    ["..\\up.py", "it is a path of Windows"],
    ["C:up.py", "it is a path of Windows"],
    [`${"d/".repeat(70)}x`, "it is too deep"],
  ])("with the name %j", async (name, why) => {
    expect(await problem(file(name))).toBe(`its file ${JSON.stringify(name.slice(0, 120))} is refused: ${why}`);
  });

  test("with links, special files, encryption, unknown methods, contradictions", async () => {
    expect(await problem(file("a", { mode: 0o120777 }))).toContain("it is a link or another special file");
    expect(await problem(file("a", { mode: 0o020666 }))).toContain("it is a link or another special file");
    expect(await problem(file("a", { flags: 1 }))).toContain("it is encrypted");
    expect(await problem(file("a", { method: 12 }))).toContain("it is packed by method 12");
    expect(await problem(file("a", { localName: "b" }))).toContain("its own header contradicts the directory");
    expect(await problem(file("a", { method: 0, length: 5 }))).toContain("its lengths contradict each other");
    expect(await problem(file("a", { length: 0xffff_ffff }))).toContain("Zip64");
    expect(await problem(file("a/", { method: 0 }))).toContain("it is a directory with content");
    expect(await problem(file("ä", { flags: 0 }))).toContain("file name that is not UTF-8");
    expect(await problem(file("a", { offset: 7 }))).toContain("it is not where the directory says");
    expect(await problem([...file("a"), ...file("a")])).toBe('it has the file "a" twice');
    expect(await problem([...file("a"), ...file("a/b")])).toBe('its "a" is a file and a directory');
  });

  test("as a bomb: overlapping files, lengths that lie, too much in all", async () => {
    expect(
      await problem([
        { name: "a", content: "b" },
        { name: "a", content: "b", offset: 0 },
      ]),
    ).toBe("its files overlap");
    expect(await problem(file("a", { length: 100 }))).toBe('its file "a" is damaged');
    expect(await problem(file("a", { length: 5000 }))).toBe('its file "a" is damaged');
    expect(await problem(file("a", { crc: 1 }))).toBe('its file "a" has another checksum than it says');
    expect(await problem(file("a", { length: 2 ** 29 + 1 }))).toBe("it unpacks to more than 536870912 bytes");
    expect(await problem(file("a"), { count: 60_000 })).toContain("at most 50000 are allowed");
  });

  test("that is none, or no wheel", async () => {
    expect(await refusal([new Uint8Array(100)])).toContain("it is no zip archive");
    expect(await refusal([new Uint8Array(0)])).toContain("it is no zip archive");
    expect(await problem(file("a"), { count: 2 })).toBe("its directory is damaged");
    expect(await problem(file("a.py"))).toBe("it is no wheel: it has no .dist-info folder");
    expect(await problem([...file("a-1.dist-info/x"), ...file("b-1.dist-info/x")])).toContain(
      "more than one .dist-info",
    );
    expect(await problem(file("a-1.dist-info/x"))).toBe("its METADATA has no valid Name");
    expect(await refusal([wheel({}, { version: "$(x)" })])).toContain("its METADATA has no valid Version");
  });

  test("at every cut, without any other error", async () => {
    for (let length = 0; length < MOSS.length; length += 7)
      expect(await refusal([MOSS.slice(0, length)])).toMatch(/^invalid-package: /);
  });
});

test("options that are no packages say so", async () => {
  expect(await refusal("moss.whl")).toBe(
    'TypeError: Cannot create a sandbox: packages must be an array of wheels, not "moss.whl"',
  );
  expect(await refusal([7])).toContain(
    "packages[0] must be the bytes of a wheel (a Uint8Array) or the path of one, not 7",
  );
  expect(await refusal([MOSS], { language: "javascript" })).toBe(
    "invalid-option: Cannot create a sandbox: packages are for Python; a javascript guest takes none",
  );
  expect(await refusal([MOSS], { files: { "/lib": memoryDirectory() } })).toBe(
    'invalid-mount: Cannot mount the packages at "/lib/python3.14/site-packages": files["/lib"] is mounted there; mount it elsewhere',
  );
  expect(await refusal([MOSS], { record: true })).toContain(
    'a recording does not hold packages yet; leave out "record"',
  );
});
