import type { Errno } from "../../../capabilities/files/file-system.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { ResourceState } from "../host/resource-state.ts";

/** `wasi:io/error.error`: why a stream's last operation failed. */
export class IoError extends Resource {
  readonly errno: Errno;

  constructor(host: Preview2Host, errno: Errno) {
    super(host);
    this.errno = errno;
  }

  toDebugString(): string {
    return this.errno;
  }

  override capture(): ResourceState {
    return { kind: "io-error", errno: this.errno };
  }
}

guardMethods(IoError);
