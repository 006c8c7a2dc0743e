import { ERRNO } from "../errno.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import { onDescriptor } from "./call.ts";
import type { CallTable } from "./call.ts";

/**
 * No descriptor of a sandbox is ever a socket. A program that was given no directory of its own probes descriptor 3 as
 * one that is not open, so the preopened ones are EBADF here.
 */
export const socketCalls: CallTable = {
  sock_accept: (host, fd: number) => noSocket(host, fd),
  sock_recv: (host, fd: number) => noSocket(host, fd),
  sock_send: (host, fd: number) => noSocket(host, fd),
  sock_shutdown: (host, fd: number) => noSocket(host, fd),
};

function noSocket(host: Preview1Host, fd: number): number {
  return onDescriptor(host, fd, ({ preopen }) => (preopen === undefined ? ERRNO.ENOTSOCK : ERRNO.EBADF));
}
