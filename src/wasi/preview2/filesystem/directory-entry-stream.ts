import type { DirectoryEntry } from "../../../capabilities/files/file-system.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import { descriptorType } from "./descriptor-stat.ts";

/** `wasi:filesystem/types.directory-entry-stream`: a listing as it was when it was asked for. */
export class DirectoryEntryStream extends Resource {
  readonly #entries: readonly DirectoryEntry[];
  #next = 0;

  constructor(host: Preview2Host, entries: readonly DirectoryEntry[]) {
    super(host);
    this.#entries = entries;
  }

  readDirectoryEntry(): { readonly type: string; readonly name: string } | undefined {
    const entry = this.#entries[this.#next];
    if (entry === undefined) return undefined;
    this.#next += 1;
    return { type: descriptorType(entry.kind), name: entry.name };
  }
}

guardMethods(DirectoryEntryStream, "io");
