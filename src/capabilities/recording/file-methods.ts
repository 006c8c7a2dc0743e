/** The calls to nodes and handles that a tape holds. Numbers are part of the format. */
export const FILE_METHOD = {
  stat: 1,
  setTimes: 2,
  open: 3,
  readTarget: 4,
  lookup: 5,
  list: 6,
  createFile: 7,
  createDirectory: 8,
  createSymlink: 9,
  removeFile: 10,
  removeDirectory: 11,
  rename: 12,
  link: 13,
  handleStat: 14,
  handleRead: 15,
  handleWrite: 16,
  handleTruncate: 17,
  handleSetTimes: 18,
  handleSync: 19,
} as const;

export type FileMethod = keyof typeof FILE_METHOD;
