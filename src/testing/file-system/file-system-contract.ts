import type { FileSystem } from "../../capabilities/files/file-system.ts";
import { createFileView } from "../../capabilities/files/view/create-file-view.ts";
import type { OwnedFileView } from "../../capabilities/files/view/create-file-view.ts";
import { equal } from "../assertions.ts";
import { FILES } from "./case.ts";
import type { NodeCase, ViewCase } from "./case.ts";
import { DIRECTORY_CASES } from "./directory-cases.ts";
import { HANDLE_CASES } from "./handle-cases.ts";
import { LINK_CASES } from "./link-cases.ts";
import { READ_ONLY_CASES } from "./read-only-cases.ts";
import { VIEW_CASES } from "./view-cases.ts";

/** A kind of file system that is to keep the contract. */
export interface FileSystemSubject {
  /** Makes a new one that holds these files: paths from its root, with "/" between names, and their text. */
  create(files: Readonly<Record<string, string>>, mode: "read-only" | "read-write"): FileSystem | Promise<FileSystem>;
  /** Whether guests may make symbolic and hard links; if not, both must be EPERM. Default true. */
  readonly links?: boolean;
  /** What it can be. Default: both. */
  readonly modes?: readonly ("read-only" | "read-write")[];
}

/** One promise of the contract, to be run by whatever runs tests. */
export interface ContractCase {
  readonly name: string;
  /** Makes a file system of its own; rejects if the promise is not kept. */
  readonly run: () => Promise<void>;
}

/** Files have a time; that of the host's is later than this as well. */
const NOW_MS = 1_600_000_000_000;

/**
 * What Wardian relies on in a {@link FileSystem}, as cases for any test runner: on its nodes and handles, and as guests
 * see it through their paths. Its own file systems pass the same cases.
 *
 * @example
 * ```ts
 * for (const { name, run } of fileSystemContract({ create: (files, mode) => myFiles(files, mode), links: false }))
 *   test(name, run);
 * ```
 */
export function fileSystemContract(subject: FileSystemSubject): readonly ContractCase[] {
  const { modes = ["read-only", "read-write"], links = true } = subject;
  const cases: ContractCase[] = [];
  if (modes.includes("read-write")) {
    const linkCases = LINK_CASES.filter(([name]) => (name === "links are refused") !== links);
    for (const item of [...DIRECTORY_CASES, ...HANDLE_CASES, ...linkCases])
      cases.push(nodeCase(subject, "read-write", item));
    if (modes.includes("read-only")) for (const item of VIEW_CASES) cases.push(viewCase(subject, item));
  }
  if (modes.includes("read-only")) for (const item of READ_ONLY_CASES) cases.push(nodeCase(subject, "read-only", item));
  return cases;
}

function nodeCase(subject: FileSystemSubject, mode: "read-only" | "read-write", [name, run]: NodeCase): ContractCase {
  return {
    name: `${mode}: ${name}`,
    run: async () => {
      const fileSystem = await subject.create(FILES, mode);
      const other = await subject.create(FILES, mode);
      try {
        const root = fileSystem.root({ now: () => NOW_MS });
        run({ fileSystem, root, other, links: subject.links ?? true });
      } finally {
        fileSystem.dispose?.();
        other.dispose?.();
      }
    },
  };
}

function viewCase(subject: FileSystemSubject, [name, run]: ViewCase): ContractCase {
  return {
    name: `through paths: ${name}`,
    run: async () => {
      const view = mounted(await subject.create(FILES, "read-write"));
      const guarded = mounted(await subject.create(FILES, "read-only"));
      try {
        run({ view, guarded });
        equal([view.openFiles, guarded.openFiles], [0, 0]);
      } finally {
        view.dispose();
        guarded.dispose();
      }
    },
  };
}

function mounted(fileSystem: FileSystem): OwnedFileView {
  return createFileView({ mounts: new Map([["/mnt/data", fileSystem]]), now: () => NOW_MS });
}
