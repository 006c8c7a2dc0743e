/** Flag words of preview 1 (https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#types). */
export const FDFLAG = { APPEND: 1, DSYNC: 2, NONBLOCK: 4, RSYNC: 8, SYNC: 16 } as const;
/** All of them together. */
export const ALL_FDFLAGS = 31;

export const OFLAG = { CREAT: 1, DIRECTORY: 2, EXCL: 4, TRUNC: 8 } as const;
export const ALL_OFLAGS = 15;

export const LOOKUPFLAG = { SYMLINK_FOLLOW: 1 } as const;

export const FSTFLAG = { ATIM: 1, ATIM_NOW: 2, MTIM: 4, MTIM_NOW: 8 } as const;
export const ALL_FSTFLAGS = 15;

export const FILETYPE = { UNKNOWN: 0, DIRECTORY: 3, REGULAR_FILE: 4, SYMBOLIC_LINK: 7 } as const;
