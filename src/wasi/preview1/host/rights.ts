/**
 * The rights of a preview 1 descriptor
 * (https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#-rights-flagsu64).
 *
 * They are bookkeeping that programs ask for and may give up, not the sandbox's walls: those are the mounts. What is
 * enforced of them is what current runtimes enforce: reading, writing, and truncating by path.
 */
export const RIGHT = {
  FD_DATASYNC: 0x1n,
  FD_READ: 0x2n,
  FD_SEEK: 0x4n,
  FD_FDSTAT_SET_FLAGS: 0x8n,
  FD_SYNC: 0x10n,
  FD_TELL: 0x20n,
  FD_WRITE: 0x40n,
  FD_ADVISE: 0x80n,
  FD_ALLOCATE: 0x100n,
  PATH_CREATE_DIRECTORY: 0x200n,
  PATH_CREATE_FILE: 0x400n,
  PATH_LINK_SOURCE: 0x800n,
  PATH_LINK_TARGET: 0x1000n,
  PATH_OPEN: 0x2000n,
  FD_READDIR: 0x4000n,
  PATH_READLINK: 0x8000n,
  PATH_RENAME_SOURCE: 0x10000n,
  PATH_RENAME_TARGET: 0x20000n,
  PATH_FILESTAT_GET: 0x40000n,
  PATH_FILESTAT_SET_SIZE: 0x80000n,
  PATH_FILESTAT_SET_TIMES: 0x100000n,
  FD_FILESTAT_GET: 0x200000n,
  FD_FILESTAT_SET_SIZE: 0x400000n,
  FD_FILESTAT_SET_TIMES: 0x800000n,
  PATH_SYMLINK: 0x1000000n,
  PATH_REMOVE_DIRECTORY: 0x2000000n,
  PATH_UNLINK_FILE: 0x4000000n,
  POLL_FD_READWRITE: 0x8000000n,
} as const;

/** What a directory can have as its own rights. */
export const DIRECTORY_RIGHTS: bigint =
  RIGHT.FD_FDSTAT_SET_FLAGS |
  RIGHT.FD_SYNC |
  RIGHT.FD_ADVISE |
  RIGHT.PATH_CREATE_DIRECTORY |
  RIGHT.PATH_CREATE_FILE |
  RIGHT.PATH_LINK_SOURCE |
  RIGHT.PATH_LINK_TARGET |
  RIGHT.PATH_OPEN |
  RIGHT.FD_READDIR |
  RIGHT.PATH_READLINK |
  RIGHT.PATH_RENAME_SOURCE |
  RIGHT.PATH_RENAME_TARGET |
  RIGHT.PATH_FILESTAT_GET |
  RIGHT.PATH_FILESTAT_SET_SIZE |
  RIGHT.PATH_FILESTAT_SET_TIMES |
  RIGHT.FD_FILESTAT_GET |
  RIGHT.FD_FILESTAT_SET_TIMES |
  RIGHT.PATH_SYMLINK |
  RIGHT.PATH_REMOVE_DIRECTORY |
  RIGHT.PATH_UNLINK_FILE |
  RIGHT.POLL_FD_READWRITE;

/** What a regular file can have. */
export const FILE_RIGHTS: bigint =
  RIGHT.FD_DATASYNC |
  RIGHT.FD_READ |
  RIGHT.FD_SEEK |
  RIGHT.FD_FDSTAT_SET_FLAGS |
  RIGHT.FD_SYNC |
  RIGHT.FD_TELL |
  RIGHT.FD_WRITE |
  RIGHT.FD_ADVISE |
  RIGHT.FD_ALLOCATE |
  RIGHT.FD_FILESTAT_GET |
  RIGHT.FD_FILESTAT_SET_SIZE |
  RIGHT.FD_FILESTAT_SET_TIMES |
  RIGHT.POLL_FD_READWRITE;

/** What a preopened directory hands on to what is opened below it. */
export const INHERITED_RIGHTS: bigint = DIRECTORY_RIGHTS | FILE_RIGHTS;

/** Rights that need the file to be open for writing. */
export const WRITING_RIGHTS: bigint = RIGHT.FD_WRITE | RIGHT.FD_ALLOCATE | RIGHT.FD_FILESTAT_SET_SIZE;

/** Standard streams. Seeking is not among them, and their type is none, so no program takes them for a terminal. */
export const INPUT_RIGHTS: bigint = RIGHT.FD_READ | RIGHT.FD_FILESTAT_GET | RIGHT.POLL_FD_READWRITE;
export const OUTPUT_RIGHTS: bigint = RIGHT.FD_WRITE | RIGHT.FD_FILESTAT_GET | RIGHT.FD_SYNC | RIGHT.POLL_FD_READWRITE;
