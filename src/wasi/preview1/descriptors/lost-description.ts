import type { FileResult, FileStat } from "../../../capabilities/files/file-system.ts";
import { BaseDescription } from "../description.ts";
import type { DescriptionState } from "../description.ts";

/** Was open when the snapshot was taken, and what it stood for is not there any more: everything but closing is EIO. */
export class LostDescription extends BaseDescription {
  readonly kind = "device";
  readonly access = { read: true, write: true, append: false };

  override read(): FileResult<number> {
    return "EIO";
  }

  override write(): FileResult<number> {
    return "EIO";
  }

  override stat(): FileResult<FileStat> {
    return "EIO";
  }

  override capture(): DescriptionState {
    return { kind: "lost" };
  }
}
