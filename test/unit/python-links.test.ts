// What a snapshot says of linked modules may be forged.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NOTHING_LINKED, readLinkState } from "../../src/guests/python/linker/link-journal.ts";
import { Sandbox } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { PythonSession } from "../../src/guests/python/python-session.ts";
import { fernlib, nativeWheel, SUFFIX } from "../support/extension/build-extension.ts";

const path = `fernlib${SUFFIX}`;

describe("a state of links", () => {
  test("is read as it was written", () => {
    expect(readLinkState(undefined)).toBe(NOTHING_LINKED);
    const state = {
      steps: [
        { kind: "link", path: "a.so", memoryBase: 65_536 },
        { kind: "handle", path: "a.so", handle: 4_294_967_295 },
        { kind: "symbol", path: "a.so", name: "f" },
      ],
      globals: [[1, -1]],
    };
    expect(readLinkState(state)).toEqual(state);
  });

  test.each([
    [null],
    [{}],
    [{ steps: [], globals: [[1]] }],
    [{ steps: [{ kind: "link", path: "a" }], globals: [] }],
    [{ steps: [{ kind: "link", path: 1, memoryBase: 0 }], globals: [] }],
    [{ steps: [{ kind: "link", path: "a", memoryBase: 2 ** 32 }], globals: [] }],
    [{ steps: [{ kind: "handle", path: "a", handle: 0.5 }], globals: [] }],
    [{ steps: [{ kind: "other", path: "a" }], globals: [] }],
    [{ steps: [{ kind: "symbol", path: "a", name: "f" }], globals: [["1"]] }],
    [{ steps: Array.from({ length: 100_001 }, () => ({ kind: "symbol", path: "a", name: "f" })), globals: [] }],
  ])("is refused: %j", (state) => {
    expect(() => readLinkState(state)).toThrow(expect.objectContaining({ code: "invalid-snapshot" }));
  });
});

describe("a snapshot with forged links is refused, or is a bad guest", () => {
  let options: SandboxOptions;
  let sandbox: Sandbox;

  beforeAll(async () => {
    const packages = [nativeWheel({ [path]: await fernlib() })];
    options = { language: "python", packages, limits: { timeoutMs: 60_000 } };
    sandbox = await Sandbox.create(options);
    await sandbox.run("import fernlib");
  });

  afterAll(() => sandbox.close());

  const forgeries: readonly (readonly [string, unknown, "refused" | "restored"])[] = [
    ["what it was", undefined, "restored"],
    [
      "a module that is not there",
      { steps: [{ kind: "link", path: "x.so", memoryBase: 0 }], globals: [[]] },
      "refused",
    ],
    ["data outside of memory", { steps: [{ kind: "link", path, memoryBase: 0xffff_fff0 }], globals: [[0]] }, "refused"],
    [
      "a module twice",
      {
        steps: [
          { kind: "link", path, memoryBase: 64 },
          { kind: "link", path, memoryBase: 64 },
        ],
        globals: [[0], [0]],
      },
      "refused",
    ],
    ["a handle of what is not linked", { steps: [{ kind: "handle", path, handle: 64 }], globals: [] }, "refused"],
    [
      "a symbol that it has not",
      {
        steps: [
          { kind: "link", path, memoryBase: 64 },
          { kind: "symbol", path, name: "toString" },
        ],
        globals: [[0]],
      },
      "refused",
    ],
    ["too many variables", { steps: [{ kind: "link", path, memoryBase: 64 }], globals: [[0, 0]] }, "refused"],
    ["a module elsewhere", { steps: [{ kind: "link", path, memoryBase: 64 }], globals: [[0]] }, "restored"],
  ];

  test.each(forgeries)("%s", { timeout: 60_000 }, async (_name, links, outcome) => {
    const snapshot = await forged(sandbox, links);
    const restoring = Sandbox.restore(snapshot, options);
    if (outcome === "refused") {
      await expect(restoring).rejects.toMatchObject({ code: "invalid-snapshot" });
      return;
    }
    const restored = await restoring;
    expect((await restored.run("1 + 1")).status).toBe("ok");
    restored.close();
  });
});

/** A snapshot of the sandbox whose guest says this of its links. */
async function forged(sandbox: Sandbox, links: unknown): Promise<Uint8Array> {
  if (links === undefined) return await sandbox.snapshot();
  // oxlint-disable-next-line typescript/unbound-method -- called with its session below
  const { capture } = PythonSession.prototype;
  PythonSession.prototype.capture = function (): ReturnType<typeof capture> {
    const state = capture.call(this);
    return { ...state, host: { ...(state.host as object), links } };
  };
  try {
    return await sandbox.snapshot();
  } finally {
    PythonSession.prototype.capture = capture;
  }
}
