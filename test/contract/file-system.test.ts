import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { overlayDirectory } from "../../src/capabilities/files/overlay/overlay-directory.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { portableHostDirectory } from "../support/portable-host-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { describeFileSystem } from "./file-system-contract.ts";

function filled(files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(directory, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return directory;
}

describeFileSystem({
  name: "memory directory",
  links: true,
  create: (files, mode) => memoryDirectory({ files: Object.entries(files), mode }),
});
describeFileSystem({
  name: "host directory",
  links: false,
  create: (files, mode) => hostDirectory({ path: filled(files), mode }),
});
describeFileSystem({
  name: "host directory without descriptors",
  links: false,
  create: (files, mode) => portableHostDirectory({ path: filled(files), mode }),
});
describeFileSystem({
  name: "overlay on memory",
  links: true,
  create: (files, mode) =>
    mode === "read-only"
      ? memoryDirectory({ files: Object.entries(files), mode })
      : overlayDirectory({
          over: memoryDirectory({ files: Object.entries(files), mode: "read-only" }),
          maxBytes: 1e6,
          maxEntries: 1000,
        }),
});
describeFileSystem({
  name: "overlay on host",
  links: true,
  create: (files, mode) =>
    mode === "read-only"
      ? memoryDirectory({ files: Object.entries(files), mode })
      : overlayDirectory({ over: hostDirectory({ path: filled(files) }), maxBytes: 1e6, maxEntries: 1000 }),
});
