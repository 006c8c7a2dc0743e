/** What an import answers every time: a number, a null reference, or nothing. */
export type Answer = number | "null" | "nothing";

const EBADF = -8;
const EPERM = -63;
const EAI_NONAME = -2;
const UMASK = 0o022;

/** Imports that answer the same whatever they are asked, as the direct host does (src/guests/python/host). */
export const ANSWERS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["environ_get", 0],
  ["__syscall_getuid32_js", 0],
  ["__syscall_umask_js", UMASK],
  ["__syscall_mknodat", EPERM],
  ["emscripten_runtime_keepalive_push", "nothing"],
  ["emscripten_runtime_keepalive_pop", "nothing"],
  ["_emscripten_runtime_keepalive_clear", "nothing"],
  // No name for the platform that runs us; no signal pending.
  ["_Py_emscripten_runtime", 0],
  ["_Py_CheckEmscriptenSignals_Helper", 0],
  ["__hiwire_deduplicate_new", "null"],
  ["getnameinfo", EAI_NONAME],
  ["getprotobyname", 0],
  ["_emscripten_lookup_name", 0],
  // No descriptor is a socket.
  ["__syscall_accept4", EBADF],
  ["__syscall_bind", EBADF],
  ["__syscall_connect", EBADF],
  ["__syscall_getpeername", EBADF],
  ["__syscall_getsockname", EBADF],
  ["__syscall_getsockopt", EBADF],
  ["__syscall_listen", EBADF],
  ["__syscall_recvfrom", EBADF],
  ["__syscall_recvmsg", EBADF],
  ["__syscall_sendmsg", EBADF],
  ["__syscall_sendto", EBADF],
  // Zero and null: "no socket, not asynchronous, go on with the syscall".
  ["_try_fcntl64", 0],
  ["_try_shutdown", 0],
  ["_maybe_poll_async", "null"],
  ["_maybe_connect_async", "null"],
  ["_maybe_recvfrom_async", "null"],
  ["_maybe_sendto_async", "null"],
  ["_dlsym_js", 0],
  // `import _ctypes` asks for one closure; without it the import ends in a MemoryError.
  ["ffi_closure_alloc_js", 0],
]);
