import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { GrowthBudget } from "../../src/hosts/node/host-directory/growth-budget.ts";
import type { HostDirectoryOptions } from "../../src/hosts/node/host-directory/host-directory.ts";
import { HostDirectoryNode } from "../../src/hosts/node/host-directory/host-nodes.ts";
import { HostTree } from "../../src/hosts/node/host-directory/host-tree.ts";
import { NameRules } from "../../src/hosts/node/host-directory/name-rules.ts";
import { PathBroker } from "../../src/hosts/node/host-directory/path-broker.ts";

/** A host directory as on macOS and Windows, without descriptors of directories; it works on Linux too. */
export function portableHostDirectory(options: HostDirectoryOptions): FileSystem {
  const broker = new PathBroker(String(options.path));
  const rules = new NameRules(options.hide ?? [], false);
  const budget = new GrowthBudget(options.maxBytes ?? 1e6, options.maxEntries ?? 100);
  const tree = new HostTree(broker, rules, budget, options.mode === "read-write");
  return { kind: "host", writable: tree.writable, root: () => new HostDirectoryNode(tree, broker.root) };
}
