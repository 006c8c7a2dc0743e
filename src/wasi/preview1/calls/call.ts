import type { FileResult } from "../../../capabilities/files/file-system.ts";
import { ERRNO, errnoOf } from "../errno.ts";
import type { OpenDescriptor } from "../host/open-descriptors.ts";
import type { Preview1Host } from "../host/preview1-host.ts";

/** One function of preview 1: answers an errno. Its arguments are the guest's, as the engine hands them over: signed. */
export type Preview1Call = (host: Preview1Host, ...values: never[]) => number;

export type CallTable = Readonly<Record<string, Preview1Call>>;

/** The errno of a result without a value. */
export function done(result: FileResult<unknown>): number {
  return typeof result === "string" ? errnoOf(result as Parameters<typeof errnoOf>[0]) : ERRNO.SUCCESS;
}

/** Acts on an open descriptor; EBADF if the number means none. */
export function onDescriptor(host: Preview1Host, fd: number, act: (open: OpenDescriptor) => number): number {
  const open = host.descriptors.get(fd);
  return open === undefined ? ERRNO.EBADF : act(open);
}
