import { ERRNO } from "../errno.ts";
import type { Preview1Host } from "../host/preview1-host.ts";
import type { CallTable } from "./call.ts";

/** What a program is told of itself. */
export const environmentCalls: CallTable = {
  args_sizes_get: (host, count: number, size: number) => writeSizes(host, host.process.args, count, size),
  args_get: (host, pointers: number, buffer: number) => writeStrings(host, host.process.args, pointers, buffer),
  environ_sizes_get: (host, count: number, size: number) => writeSizes(host, variables(host), count, size),
  environ_get: (host, pointers: number, buffer: number) => writeStrings(host, variables(host), pointers, buffer),
};

const encoder = new TextEncoder();

function variables(host: Preview1Host): readonly string[] {
  return Array.from(host.process.env, ([name, value]) => `${name}=${value}`);
}

function writeSizes(host: Preview1Host, strings: readonly string[], count: number, size: number): number {
  let bytes = 0;
  for (const text of strings) bytes += encoder.encode(text).length + 1;
  host.fuel.charge(bytes);
  return host.memory.setU32(count, strings.length) && host.memory.setU32(size, bytes) ? ERRNO.SUCCESS : ERRNO.EFAULT;
}

function writeStrings(host: Preview1Host, strings: readonly string[], pointers: number, buffer: number): number {
  let at = buffer >>> 0;
  for (const [index, text] of strings.entries()) {
    const bytes = encoder.encode(`${text}\0`);
    host.fuel.charge(bytes.length);
    if (!host.memory.setU32((pointers >>> 0) + index * 4, at) || !host.memory.write(at, bytes)) return ERRNO.EFAULT;
    at += bytes.length;
  }
  return ERRNO.SUCCESS;
}
