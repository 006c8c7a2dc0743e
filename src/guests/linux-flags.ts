/** Flags of system calls as Emscripten's libc has them: Linux's numbers (fcntl.h). */
export const O_WRONLY: number = 1;
export const O_RDWR: number = 2;
export const O_CREAT: number = 64;
export const O_EXCL: number = 128;
export const O_TRUNC: number = 512;
export const O_APPEND: number = 1024;
export const O_DIRECTORY: number = 65_536;
export const O_NOFOLLOW: number = 131_072;
export const AT_SYMLINK_NOFOLLOW: number = 256;
export const AT_REMOVEDIR: number = 512;
