import { EACCES } from "./errno";
import { aim, callSignalHandler } from "./interpreter";
import { putWord, newBytes, dropBytes, putDecimal, result, settle } from "./memory";
import { exitWithCode, note, randomBytes } from "./wasi";

// Process, memory, randomness, and the refusals that are worth a note.

export function proc_exit(code: i32): void {
  exitWithCode(code & 0xff);
  unreachable();
}

export function exit(code: i32): void {
  proc_exit(code);
}

export function _abort_js(): void {
  unreachable();
}

export function __assert_fail(_condition: usize, _file: usize, _line: i32, _function: usize): void {
  unreachable();
}

/** What `get-random-bytes` is asked for at once. */
const RANDOM_PIECE: u32 = 65_536;

export function fillRandom(into: usize, length: u32): void {
  for (let at: u32 = 0; at < length;) {
    const piece = min<u32>(RANDOM_PIECE, length - at);
    aim(into + at, piece);
    randomBytes(piece, result());
    settle();
    // Fewer would be a host that is ending the run.
    if (load<u32>(result(), 4) != piece) unreachable();
    at += piece;
  }
}

export function random_get(into: usize, length: u32): i32 {
  fillRandom(into, length);
  return 0;
}

/** The environment is told to each program by itself: the image was made without one. */
export function environ_sizes_get(count: usize, size: usize): i32 {
  store<i32>(count, 0);
  store<i32>(size, 0);
  return 0;
}

export function _emscripten_get_progname(into: usize, length: u32): void {
  if (length < 7) return;
  store<u32>(into, 0x6874_7970); // "pyth"
  store<u16>(into, 0x6e6f, 4); // "on"
  store<u8>(into, 0, 6);
}

export function __call_sighandler(handler: usize, signal: i32): void {
  callSignalHandler(handler, signal);
}

const PAGE: u64 = 65_536;

/** The interpreter has no `memory.grow` of its own. An eighth more is asked for, so that it does not come at every page. */
export function emscripten_resize_heap(requested: u32): i32 {
  const have = <u64>memory.size();
  const need = (<u64>requested + PAGE - 1) / PAGE;
  if (need <= have) return 1;
  if (memory.grow(<i32>(need - have)) < 0) return 0;
  memory.grow(<i32>(min<u64>(need + need / 8, 65_536) - need));
  return 1;
}

/** What the sandbox allows is for `memory.grow` to say. */
export function emscripten_get_heap_max(): i32 {
  return <i32>0xffff_0000;
}

// Letters of src/guests/noted-denials.ts.
const IMPORT: i32 = 0x49;
const RESOLVE: i32 = 0x4e;
const SOCKET: i32 = 0x53;
const SPAWN: i32 = 0x50;

const MAX_NOTE: i32 = 1_024;
const EAI_NONAME: i32 = -2;

/** Notes that something was refused; `where` is text of the program's or null. */
function refuse(what: i32, where: usize): void {
  let length: i32 = 0;
  if (where != 0) while (length < MAX_NOTE && load<u8>(where + length) != 0) length++;
  note(what, where, length);
}

/** `system(NULL)` asks whether there is a shell: no. */
export function _emscripten_system(command: usize): i32 {
  if (command == 0) return 0;
  refuse(SPAWN, command);
  return -1;
}

export function getaddrinfo(name: usize, _service: usize, _hints: usize, _result: usize): i32 {
  refuse(RESOLVE, name);
  return EAI_NONAME;
}

export function __syscall_socket(family: i32, _type: i32, _protocol: i32, _a: i32, _b: i32, _c: i32): i32 {
  const text = newBytes();
  if (family == 1) putWord(text, 0x7869_6e75); // "unix"
  else if (family == 2) putWord(text, 0x7465_6e69); // "inet"
  else if (family == 10) {
    putWord(text, 0x7465_6e69);
    putWord(text, 0x36); // "6"
  } else {
    putWord(text, 0x0020_796c_696d_6166); // "family "
    putDecimal(text, family);
  }
  note(SOCKET, text.address, <i32>text.length);
  dropBytes(text);
  return -EACCES;
}

export function _dlopen_js(_handle: usize): i32 {
  const text = newBytes();
  putWord(text, 0x2063_696d_616e_7964); // "dynamic "
  putWord(text, 0x79_7261_7262_696c); // "library"
  note(IMPORT, text.address, <i32>text.length);
  dropBytes(text);
  return 0;
}
