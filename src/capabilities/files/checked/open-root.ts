import { WardianError } from "../../../errors.ts";
import type { DirectoryNode, FileSystem, FileSystemContext } from "../file-system.ts";
import { AnswerCheck, type FaultReport } from "./answer-check.ts";
import { CheckedDirectory } from "./checked-nodes.ts";
import { isTrusted } from "./trusted-file-systems.ts";

/**
 * The root of a file system; of a custom one with every answer checked.
 *
 * @throws WardianError `invalid-mount` if there is no root
 */
export function openRoot(
  fileSystem: FileSystem,
  context: FileSystemContext | undefined,
  report: FaultReport,
): DirectoryNode {
  const root: unknown = fileSystem.root(context);
  if (isTrusted(fileSystem)) return root as DirectoryNode;
  if (typeof root !== "object" || root === null || (root as DirectoryNode).kind !== "directory")
    throw new WardianError("invalid-mount", "the root of its file system is no directory");
  return new CheckedDirectory(new AnswerCheck(report), root as DirectoryNode);
}
