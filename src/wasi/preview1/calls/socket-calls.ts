import { SEALED } from "../../../capabilities/denials/denial-log.ts";
import { ERRNO } from "../errno.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { onDescriptor } from "./call.ts";
import type { CallTable } from "./call.ts";

/**
 * No descriptor of a sandbox is ever a socket. A program that was given no directory of its own probes descriptor 3 as
 * one that is not open, so the preopened ones are EBADF here.
 */
export const socketCalls: CallTable = {
  sock_accept: (host, fd: number) => noSocket(host, "sock_accept", fd),
  sock_recv: (host, fd: number) => noSocket(host, "sock_recv", fd),
  sock_send: (host, fd: number) => noSocket(host, "sock_send", fd),
  sock_shutdown: (host, fd: number) => noSocket(host, "sock_shutdown", fd),
};

function noSocket(host: Preview1Host, call: string, fd: number): number {
  host.powers.denials?.note("network.socket", call, SEALED);
  return onDescriptor(host, fd, ({ preopen }) => (preopen === undefined ? ERRNO.ENOTSOCK : ERRNO.EBADF));
}
