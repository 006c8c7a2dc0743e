import type { DirectoryEntry } from "../../../capabilities/files/file-system.ts";
import { readOpenState } from "../../../capabilities/files/read-open-state.ts";
import { Descriptor } from "../filesystem/descriptor.ts";
import { DirectoryEntryStream } from "../filesystem/directory-entry-stream.ts";
import { lostFile } from "../filesystem/lost-file.ts";
import { fieldsOf } from "./restorer.ts";
import type { Restorer } from "./restorer.ts";

/** Opens a file or directory again. What is gone, or what the new policy does not grant, answers EIO. */
export const restoreDescriptor: Restorer = (host, { file, flags }) => {
  const state = readOpenState(file);
  if (state === undefined) return undefined;
  const { read, write, mutateDirectory } = fieldsOf(flags);
  const opened = host.powers.files.reopen(state);
  const found = typeof opened !== "string" && opened.kind === state.kind;
  if (!found && typeof opened !== "string") opened.close();
  return new Descriptor(host, found ? opened : lostFile(state), {
    read: read === true,
    write: write === true,
    mutateDirectory: mutateDirectory === true,
  });
};

export const restoreDirectoryEntries: Restorer = (host, { entries }) =>
  Array.isArray(entries) && (entries as unknown[]).every(isEntry)
    ? new DirectoryEntryStream(host, entries as readonly DirectoryEntry[])
    : undefined;

function isEntry(value: unknown): value is DirectoryEntry {
  const { kind, name } = fieldsOf(value);
  return (kind === "file" || kind === "directory" || kind === "symlink") && typeof name === "string";
}
