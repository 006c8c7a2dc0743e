import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { GrowthBudget } from "../../src/hosts/node/host-directory/growth-budget.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { HostDirectoryNode } from "../../src/hosts/node/host-directory/host-nodes.ts";
import { HostTree } from "../../src/hosts/node/host-directory/host-tree.ts";
import { NameRules } from "../../src/hosts/node/host-directory/name-rules.ts";
import { PathBroker } from "../../src/hosts/node/host-directory/path-broker.ts";
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

/** The broker of macOS and Windows, which works on Linux too. */
function portableHostDirectory(directory: string, mode: "read-only" | "read-write"): FileSystem {
  const broker = new PathBroker(directory);
  const tree = new HostTree(broker, new NameRules([], false), new GrowthBudget(1e6, 100), mode === "read-write");
  return { kind: "host", writable: tree.writable, root: () => new HostDirectoryNode(tree, broker.root) };
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
  create: (files, mode) => portableHostDirectory(filled(files), mode),
});
