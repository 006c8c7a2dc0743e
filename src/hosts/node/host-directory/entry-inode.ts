/** FNV-1a of 32 bits (Fowler, Noll and Vo). */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Makes inode numbers for the listed entries of one directory. The host's own would take a system call for each entry,
 * so these are a hash of the directory's number and the name: stable, never 0, and not what `stat` says.
 */
export function entryInodes(directory: bigint): (name: string) => number {
  const start = hash(OFFSET_BASIS, `${directory}/`);
  return (name) => (hash(start, name) >>> 0) + 1;
}

function hash(start: number, text: string): number {
  let value = start;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), PRIME);
  return value;
}
