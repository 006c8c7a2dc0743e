import { SEALED } from "../../../capabilities/denials/denial-log.ts";
import { MAX_NOTE } from "../../noted-denials.ts";
import { ERRNO } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";

/** Process, environment, randomness, and what there is no part of: shells, sockets, dynamic libraries. */
export const processCalls: Readonly<Record<string, HostCall>> = {
  proc_exit: (host, code: number) => host.gauge.stop({ kind: "exit", code }),
  exit: (host, code: number) => host.gauge.stop({ kind: "exit", code }),
  _abort_js: (host) =>
    host.gauge.stop(
      host.memoryRefused ? { kind: "memory" } : { kind: "trap", message: "the interpreter called abort" },
    ),
  __assert_fail: (host) => host.gauge.stop({ kind: "trap", message: "an assertion of the interpreter failed" }),

  // The image was made with no environment: each run's `os.environ` is set by the prelude.
  environ_sizes_get: (host, count: number, size: number) =>
    host.memory.setU32(count, 0) && host.memory.setU32(size, 0) ? ERRNO.SUCCESS : ERRNO.EFAULT,
  environ_get: () => ERRNO.SUCCESS,
  random_get(host, address: number, length: number) {
    const bytes = host.memory.view(address, length);
    if (bytes === undefined) return ERRNO.EFAULT;
    host.charge(bytes.length * RANDOM_BYTE_FACTOR);
    if (host.gauge.stopping) return ERRNO.EIO;
    host.capabilities.random.fill(bytes);
    return ERRNO.SUCCESS;
  },
  _emscripten_get_progname: (host, address: number, length: number) => {
    if (length >>> 0 >= PROGRAM.length) host.memory.write(address, PROGRAM);
  },
  __syscall_getuid32_js: () => 0,
  __syscall_umask_js: () => 0o022,
  emscripten_runtime_keepalive_push: () => undefined,
  emscripten_runtime_keepalive_pop: () => undefined,
  _emscripten_runtime_keepalive_clear: () => undefined,
  // No name for the platform that runs us.
  _Py_emscripten_runtime: () => 0,
  __hiwire_deduplicate_new: () => null,
  _Py_CheckEmscriptenSignals_Helper: (host) => takeSignal(host),

  // system(NULL) asks whether there is a shell: no.
  _emscripten_system(host, command: number) {
    if (command === 0) return 0;
    deny(host, "process.spawn", textAt(host, command));
    return -1;
  },
  getaddrinfo(host, name: number) {
    deny(host, "network.resolve", textAt(host, name));
    return EAI_NONAME;
  },
  getnameinfo: () => EAI_NONAME,
  getprotobyname: () => 0,
  _emscripten_lookup_name: () => 0,
  __syscall_socket(host, family: number) {
    deny(host, "network.socket", FAMILIES.get(family) ?? `family ${family}`);
    return -ERRNO.EACCES;
  },
  __syscall_accept4: () => -ERRNO.EBADF,
  __syscall_bind: () => -ERRNO.EBADF,
  __syscall_connect: () => -ERRNO.EBADF,
  __syscall_getpeername: () => -ERRNO.EBADF,
  __syscall_getsockname: () => -ERRNO.EBADF,
  __syscall_getsockopt: () => -ERRNO.EBADF,
  __syscall_listen: () => -ERRNO.EBADF,
  __syscall_recvfrom: () => -ERRNO.EBADF,
  __syscall_recvmsg: () => -ERRNO.EBADF,
  __syscall_sendmsg: () => -ERRNO.EBADF,
  __syscall_sendto: () => -ERRNO.EBADF,
  // Zero and null: "no socket, go on with the syscall".
  _try_fcntl64: () => 0,
  _try_shutdown: () => 0,
  _maybe_connect_async: () => null,
  _maybe_recvfrom_async: () => null,
  _maybe_sendto_async: () => null,
  // `import _ctypes` asks for one closure; without it the import ends in a MemoryError.
  ffi_closure_alloc_js: () => 0,
};

const FAMILIES: ReadonlyMap<number, string> = new Map([
  [1, "unix"],
  [2, "inet"],
  [10, "inet6"],
]);

function deny(host: PythonHost, what: string, where: string): void {
  host.capabilities.denials.note(what, where, SEALED);
}

/** What the guest wrote there, for the denial: a lossy decoding will do, and its beginning. */
function textAt(host: PythonHost, address: number): string {
  const bytes = host.memory.view(address, Math.min(MAX_NOTE, Math.max(0, host.memory.size - (address >>> 0))));
  if (address === 0 || bytes === undefined) return "";
  const end = bytes.indexOf(0);
  return decoder.decode(bytes.slice(0, end < 0 ? bytes.length : end));
}

const decoder = new TextDecoder();

const PROGRAM: Uint8Array = new TextEncoder().encode("python\0");
const EAI_NONAME = -2;
/** Cryptographic random costs several times what copying does. */
const RANDOM_BYTE_FACTOR = 8;

function takeSignal(host: PythonHost): number {
  const signal = host.pendingSignal;
  host.pendingSignal = 0;
  return signal;
}
