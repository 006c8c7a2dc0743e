// The adapter: what the interpreter imports, over WASI 0.2 and `wardian:host`. Functions are named after the imports
// that they serve; what answers the same every time, and what is sealed, is in other modules (see answers.ts).
export * from "./path-calls";
export {
  __syscall_dup, __syscall_dup3, __syscall_fadvise64, __syscall_fallocate, __syscall_fchdir, __syscall_fchmod,
  __syscall_fchown32, __syscall_fcntl64, __syscall_fdatasync, __syscall_fstat64, __syscall_fstatfs64,
  __syscall_ftruncate64, __syscall_getdents64, __syscall_ioctl, __syscall_pipe, fd_sync,
} from "./descriptor-calls";
export { fd_close, fd_fdstat_get, fd_pread, fd_pwrite, fd_read, fd_seek, fd_write } from "./fd-calls";
export * from "./map-calls";
export { __syscall_poll, _setitimer_js } from "./waiting";
export * from "./time-calls";
export {
  __assert_fail, __call_sighandler, __syscall_socket, _abort_js, _dlopen_js, _emscripten_get_progname,
  _emscripten_system, emscripten_get_heap_max, emscripten_resize_heap, environ_sizes_get, exit, getaddrinfo, proc_exit,
  random_get,
} from "./process-calls";
export { resume, run } from "./program";
