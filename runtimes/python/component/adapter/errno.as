// Numbers of WASI preview 1, which Emscripten's musl uses too: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#errno

export const SUCCESS: i32 = 0;
export const EACCES: i32 = 2;
export const EBADF: i32 = 8;
export const EDEADLK: i32 = 16;
export const EEXIST: i32 = 20;
export const EFBIG: i32 = 22;
export const EILSEQ: i32 = 25;
export const EINVAL: i32 = 28;
export const EIO: i32 = 29;
export const EISDIR: i32 = 31;
export const EMFILE: i32 = 33;
export const ENAMETOOLONG: i32 = 37;
export const ENODEV: i32 = 43;
export const ENOENT: i32 = 44;
export const ENOMEM: i32 = 48;
export const ENOSYS: i32 = 52;
export const ENOTDIR: i32 = 54;
export const ENOTTY: i32 = 59;
export const EPIPE: i32 = 64;
export const ERANGE: i32 = 68;
export const EROFS: i32 = 69;
export const ESPIPE: i32 = 70;

/** The errno of a case of `wasi:filesystem/types.error-code`: a byte each, eight a word, the first lowest. */
export function errnoOf(code: i32): i32 {
  let eight: u64 = 0;
  switch (code >> 3) {
    case 0: // access to exist
      eight = 0x1413_100a_0807_0602;
      break;
    case 1: // file-too-large to loop
      eight = 0x201f_1d1c_1b1a_1916;
      break;
    case 2: // too-many-links to insufficient-space
      eight = 0x3330_2e2c_2b25_2322;
      break;
    case 3: // not-directory to not-permitted
      eight = 0x3f3d_3c3b_3a38_3736;
      break;
    case 4: // pipe to cross-device
      eight = 0x0000_004b_4a46_4540;
      break;
    default:
      return EIO;
  }
  return <i32>((eight >> (<u64>(code & 7) << 3)) & 0xff);
}
