/**
 * An inode number for a listed entry. The host's own would take a system call for each entry, so this one is a hash
 * (FNV-1a, 32 bits) of the directory's number and the name: stable, never 0, and not what `stat` says.
 */
export function entryInode(directory: bigint, name: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${directory}/${name}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0) + 1;
}
