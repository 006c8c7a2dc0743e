/** The numbers that both ends of the channel use: the host's here, and the guest's, whose bundle takes them from this file. */

/** Kinds of `turn`; the adapter knows the first three as well. The others are the adapter's own calls of the prelude. */
export const TURN = { boot: 0, start: 1, resume: 2 } as const;

/** `node:fs`. */
export const FILE_OPERATION = {
  readBytes: 1,
  readText: 2,
  writeText: 3,
  writeBytes: 4,
  stat: 5,
  list: 6,
  makeDirectory: 7,
  removeDirectory: 8,
  removeFile: 9,
  rename: 10,
  link: 11,
  symlink: 12,
  readLink: 13,
  setTimes: 14,
  realPath: 15,
  truncate: 16,
  readAt: 17,
  readInput: 18,
} as const;

/** A denial that the prelude notes: data is a letter and a text (src/guests/noted-denials.ts). Above all others. */
export const NOTE_OPERATION = 96;

/** `fetch`; above all file operations. */
export const HTTP_OPERATION = { start: 64, read: 65, cancel: 66 } as const;

/** `display`; above all of the network's. */
export const DISPLAY_OPERATION = { text: 128, bytes: 129 } as const;
