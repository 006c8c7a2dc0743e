import type { DirectoryEntry } from "../../../capabilities/files/file-system.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { ResourceState } from "../host/resource-state.ts";
import { descriptorType } from "./descriptor-stat.ts";

/** `wasi:filesystem/types.directory-entry-stream`: a listing as it was when it was asked for. */
export class DirectoryEntryStream extends Resource {
  readonly #entries: readonly DirectoryEntry[];
  #next = 0;

  constructor(host: Preview2Host, entries: readonly DirectoryEntry[]) {
    super(host);
    this.#entries = entries;
  }

  /** What is left of it. */
  override capture(): ResourceState {
    const left = this.#entries.slice(this.#next);
    return { kind: "directory-entries", entries: left.map(({ kind, name }) => ({ kind, name })) };
  }

  readDirectoryEntry(): { readonly type: string; readonly name: string } | undefined {
    const entry = this.#entries[this.#next];
    if (entry === undefined) return undefined;
    this.#next += 1;
    return { type: descriptorType(entry.kind), name: entry.name };
  }
}

guardMethods(DirectoryEntryStream, "io");
