/** The interfaces of WASI 0.2 that components are given, and the capability of the sandbox that stands behind each. */
export const SERVED_INTERFACES: ReadonlyMap<string, string> = new Map([
  ["wasi:cli/environment", "env and args"],
  ["wasi:cli/exit", "the end of the run"],
  ["wasi:cli/stdin", "stdin"],
  ["wasi:cli/stdout", "output"],
  ["wasi:cli/stderr", "output"],
  ["wasi:cli/terminal-input", "none: nothing is a terminal"],
  ["wasi:cli/terminal-output", "none: nothing is a terminal"],
  ["wasi:cli/terminal-stdin", "none: nothing is a terminal"],
  ["wasi:cli/terminal-stdout", "none: nothing is a terminal"],
  ["wasi:cli/terminal-stderr", "none: nothing is a terminal"],
  ["wasi:io/error", "streams"],
  ["wasi:io/poll", "clock"],
  ["wasi:io/streams", "streams"],
  ["wasi:clocks/wall-clock", "clock"],
  ["wasi:clocks/monotonic-clock", "clock"],
  ["wasi:random/random", "random"],
  ["wasi:random/insecure", "random"],
  ["wasi:random/insecure-seed", "random"],
  ["wasi:filesystem/types", "files"],
  ["wasi:filesystem/preopens", "files"],
  ["wasi:sockets/network", "none: sockets are refused"],
  ["wasi:sockets/instance-network", "none: sockets are refused"],
  ["wasi:sockets/tcp", "none: sockets are refused"],
  ["wasi:sockets/tcp-create-socket", "none: sockets are refused"],
  ["wasi:sockets/udp", "none: sockets are refused"],
  ["wasi:sockets/udp-create-socket", "none: sockets are refused"],
  ["wasi:sockets/ip-name-lookup", "none: sockets are refused"],
  ["wasi:http/types", "network"],
  ["wasi:http/outgoing-handler", "network"],
]);

/** Versions that are served: 0.2, whatever the patch, since patches only add. */
const SERVED_VERSION = /^0\.2\.\d+$/;

/** The capability that serves an interface by its full name; undefined if none does. */
export function servedBy(name: string): string | undefined {
  const [interfaceName = "", version = "0.2.0"] = name.split("@");
  return SERVED_VERSION.test(version) ? SERVED_INTERFACES.get(interfaceName) : undefined;
}
