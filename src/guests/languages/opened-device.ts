import type { FileResult, FileStat } from "../../capabilities/files/file-system.ts";
import { BaseDescription, streamStat } from "../../wasi/preview1/description.ts";
import type { DescriptionState } from "../../wasi/preview1/description.ts";

/** What a device does. */
export interface DeviceActions {
  read?(into: Uint8Array): FileResult<number>;
  write?(from: Uint8Array): FileResult<number>;
}

/**
 * A device that a program has opened by its path. Its position is always 0, and asking for it is no error: C libraries
 * ask of every file that they open.
 */
export class OpenedDevice extends BaseDescription {
  readonly kind = "device";
  readonly access: { readonly read: boolean; readonly write: boolean; readonly append: false };
  readonly #actions: DeviceActions;

  constructor(actions: DeviceActions) {
    super();
    this.#actions = actions;
    this.access = { read: actions.read !== undefined, write: actions.write !== undefined, append: false };
  }

  override read(into: Uint8Array): FileResult<number> {
    return this.#actions.read?.(into) ?? "EBADF";
  }

  override write(from: Uint8Array): FileResult<number> {
    return this.#actions.write?.(from) ?? "EBADF";
  }

  override seek(): FileResult<number> {
    return 0;
  }

  override stat(): FileResult<FileStat> {
    return streamStat(this.access.write);
  }

  override capture(): DescriptionState {
    return { kind: "lost" };
  }
}
