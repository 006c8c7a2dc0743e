import type { FileChange } from "../capabilities/files/file-change.ts";
import { FileError } from "../capabilities/files/file-error.ts";
import { CommitConflictError, CommitIncompleteError } from "../capabilities/files/overlay/commit/commit-error.ts";
import type { CommitOptions } from "../capabilities/files/overlay/overlay-directory.ts";
import type { FileInfo, FileListing, FileRequest, FileValue } from "./file-requests.ts";
import { describe } from "./limits.ts";
import type { SandboxDriver } from "./sandbox-driver.ts";

/** A larger file is not read unless the caller says so: its size is the guest's to choose. */
const DEFAULT_READ_BYTES = 64 * 2 ** 20;

/**
 * The files of a sandbox from the host's side, by absolute guest paths, between runs.
 *
 * Mounts and quotas hold as for the guest, except that a memory directory which is read-only for the guest can be
 * written: its owner may fill it. Symbolic links are followed inside of their mount and never into another one, since the
 * guest may have made them. Nothing of it costs the guest fuel or shows up in the result of a run.
 *
 * Every method rejects with a {@link FileError} (code "file", with its `errno`) if a file is not there or may not be
 * used, with WardianError "busy" during a run and "closed" after `close`, and with TypeError for wrong arguments.
 */
export class SandboxFiles {
  readonly #driver: SandboxDriver;
  /** Calls are done one after the other, as they came. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(driver: SandboxDriver) {
    this.#driver = driver;
  }

  /** The bytes of a file. More than `maxBytes` (default 64 MiB) are EFBIG. */
  async read(path: string, options: { readonly maxBytes?: number } = {}): Promise<Uint8Array> {
    const { maxBytes = DEFAULT_READ_BYTES } = options;
    if (typeof maxBytes !== "number" || !(maxBytes >= 0))
      throw new TypeError(`Cannot read a file: maxBytes must be a number of bytes, not ${describe(maxBytes)}`);
    return (await this.#ask("read", { operation: "read", path, maxBytes })) as Uint8Array;
  }

  /** The same as text; bytes that are no UTF-8 become U+FFFD. */
  async readText(path: string, options?: { readonly maxBytes?: number }): Promise<string> {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await this.read(path, options));
  }

  /** Makes or replaces a file, with the directories above it. Text is written as UTF-8. */
  async write(path: string, content: string | Uint8Array): Promise<void> {
    if (typeof content !== "string" && !(content instanceof Uint8Array))
      throw new TypeError(
        `Cannot write a file: the content must be a string or a Uint8Array, not ${describe(content)}`,
      );
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await this.#ask("write", { operation: "write", path, bytes });
  }

  /** The entries of a directory, sorted by name. */
  async list(path: string): Promise<readonly FileListing[]> {
    return (await this.#ask("list", { operation: "list", path })) as readonly FileListing[];
  }

  async stat(path: string): Promise<FileInfo> {
    return (await this.#ask("look at", { operation: "stat", path })) as FileInfo;
  }

  /** Makes a directory; with `recursive` also those above it, and one that is there already is no error. */
  async mkdir(path: string, { recursive = false }: { readonly recursive?: boolean } = {}): Promise<void> {
    await this.#ask("make", { operation: "mkdir", path, recursive });
  }

  /** Removes a file, a symbolic link (not what it leads to) or an empty directory; with `recursive` also what it holds. */
  async remove(path: string, { recursive = false }: { readonly recursive?: boolean } = {}): Promise<void> {
    await this.#ask("remove", { operation: "remove", path, recursive });
  }

  /** What the guest changed in the overlay that is mounted at `mountPoint`; see `OverlayDirectory.diff`. */
  async diff(mountPoint: string): Promise<readonly FileChange[]> {
    return (await this.#ask("compare", { operation: "diff", path: mountPoint })) as readonly FileChange[];
  }

  /** Writes the changes of that overlay to what lies below; see `OverlayDirectory.commit`, also for the errors. */
  async commit(mountPoint: string, options: CommitOptions = {}): Promise<readonly FileChange[]> {
    const request: FileRequest = { operation: "commit", path: mountPoint, options };
    return (await this.#ask("commit", request)) as readonly FileChange[];
  }

  async #ask(action: string, request: FileRequest): Promise<FileValue> {
    const { path } = request;
    if (typeof path !== "string" || !path.startsWith("/"))
      throw new TypeError(
        `Cannot ${action} a file: the path must be absolute, as the guest sees it, not ${describe(path)}`,
      );
    const asked = this.#last.then(async () => {
      return await this.#driver.files(request, `Cannot ${action} ${JSON.stringify(path)}`);
    });
    this.#last = asked.catch(() => undefined);
    const answer = await asked;
    switch (answer.kind) {
      case "done":
        return answer.value;
      case "failed":
        throw new FileError(action, path, answer.errno, answer.why);
      case "conflict":
        throw new CommitConflictError(answer.paths);
      case "incomplete":
        throw new CommitIncompleteError(answer.written, new Error(answer.why));
    }
  }
}
