// The exported contract, kept by every file system of the package and by one that a user might write.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { overlayDirectory } from "../../src/capabilities/files/overlay/overlay-directory.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { fileSystemContract, type FileSystemSubject } from "../../src/testing/index.ts";
import { portableHostDirectory } from "../support/portable-host-directory.ts";
import { tableDirectory } from "../support/table-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

function filled(files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return directory;
}

const SUBJECTS: Readonly<Record<string, FileSystemSubject>> = {
  "memory directory": { create: (files, mode) => memoryDirectory({ files: Object.entries(files), mode }) },
  "host directory": { links: false, create: (files, mode) => hostDirectory({ path: filled(files), mode }) },
  "host directory without descriptors": {
    links: false,
    create: (files, mode) => portableHostDirectory({ path: filled(files), mode }),
  },
  "overlay on memory": {
    modes: ["read-write"],
    create: (files) => overlayDirectory({ over: memoryDirectory({ files: Object.entries(files) }) }),
  },
  "overlay on a host directory": {
    modes: ["read-write"],
    create: (files) => hostDirectory({ path: filled(files), mode: "overlay" }),
  },
  "overlay on an overlay": {
    modes: ["read-write"],
    create: (files) =>
      overlayDirectory({ over: overlayDirectory({ over: memoryDirectory({ files: Object.entries(files) }) }) }),
  },
  "a custom file system": { modes: ["read-only"], create: (files) => tableDirectory(new Map(Object.entries(files))) },
};

describe.each(Object.entries(SUBJECTS))("%s", (_, subject) => {
  for (const { name, run } of fileSystemContract(subject)) test(name, run);
});

test("a subject that breaks a promise is told which one", async () => {
  const broken = (): FileSystem => {
    const directory = memoryDirectory({ files: { "a.txt": "alphabet" }, mode: "read-only" });
    return { kind: "broken", writable: false, root: (context) => directory.root(context) };
  };
  const failed: string[] = [];
  for (const { name, run } of fileSystemContract({ create: broken })) {
    await run().catch((error: unknown) => failed.push(`${name}: ${String(error)}`));
  }
  expect(failed.length).toBeGreaterThan(20);
  expect(failed.every((line) => line.includes("ContractViolation"))).toBe(true);
});
