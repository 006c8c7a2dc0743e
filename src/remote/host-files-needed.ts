import type { PortableFileSystem } from "../capabilities/files/file-system.ts";
import type { HostFilesNeeded } from "../hosts/worker-link.ts";
import type { PortableOptions } from "./portable-options.ts";

/** What the guest's side of such a sandbox does with files of the host. */
export function hostFilesNeeded({ mounts, language }: Pick<PortableOptions, "mounts" | "language">): HostFilesNeeded {
  const needs = mounts.map(({ system }) => neededFor(system));
  // Other guests load packages of npm, whose code does what it likes.
  if (needs.includes("write") || !OWN_LANGUAGES.has(language)) return "write";
  return needs.includes("read") ? "read" : "package";
}

function neededFor(system: PortableFileSystem): HostFilesNeeded {
  switch (system.kind) {
    case "memory":
      return "package";
    case "overlay":
      // Its changes may be committed.
      return neededFor(system.over) === "package" ? "package" : "write";
    case "host":
      return "mode" in system.options && system.options.mode === "read-only" ? "read" : "write";
  }
}

/** Those whose engines are part of this package. */
const OWN_LANGUAGES: ReadonlySet<string> = new Set(["javascript", "typescript", "python"]);
