import { statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { WardianError } from "../../../errors.ts";
import { trustFileSystem } from "../../../capabilities/files/checked/trusted-file-systems.ts";
import { HOST_COSTS } from "../../../capabilities/files/file-charges.ts";
import type {
  DirectoryNode,
  FileCosts,
  FileSystem,
  PortableFileSystem,
} from "../../../capabilities/files/file-system.ts";
import { Overlay } from "../../../capabilities/files/overlay/overlay.ts";
import { type OverlayDirectory, overlayQuotas } from "../../../capabilities/files/overlay/overlay-directory.ts";
import type { Broker } from "./broker.ts";
import { commitTarget } from "./commit-to-host.ts";
import { DescriptorBroker } from "./descriptor-broker.ts";
import { attempt, ErrnoFailure } from "./errno-failure.ts";
import { GrowthBudget } from "./growth-budget.ts";
import { HostDirectoryNode } from "./host-nodes.ts";
import { HostTree } from "./host-tree.ts";
import { NameRules } from "./name-rules.ts";
import { PathBroker } from "./path-broker.ts";

export interface HostDirectoryOptions {
  /** The directory on the host; relative to the working directory at the call. */
  readonly path: string | URL;
  /** Default "read-only". "overlay": the guest writes, but into memory; see {@link OverlayDirectory}. */
  readonly mode?: "read-only" | "read-write" | "overlay";
  /**
   * Names of files and directories, at any depth, that do not exist for the guest: it can neither see, make nor replace
   * them. "*" stands for any run of characters; case does not matter. Default: none. In a read-write mount of a project
   * think of ".git", ".env*", "node_modules" and whatever else the host's own programs run or trust.
   */
  readonly hide?: readonly string[];
  /**
   * Bytes by which the guest may let files grow, in total. Default 1 GiB; of an overlay, 64 MiB of memory. The guest sees
   * ENOSPC, or EFBIG for one file.
   */
  readonly maxBytes?: number;
  /** Files and directories that the guest may make, of an overlay also change or remove. Default 10,000. The guest sees ENOSPC. */
  readonly maxEntries?: number;
  /**
   * Lets the guest make symbolic and hard links in a read-write mount. It still reaches nothing outside with them; but
   * programs of the host that follow links do, so this is for directories that no other program works in. Default false.
   */
  readonly dangerouslyAllowLinks?: boolean;
}

const DEFAULT_MAX_BYTES = 2 ** 30;
const DEFAULT_MAX_ENTRIES = 10_000;

/**
 * A directory of the host, for the `files` option of a sandbox.
 *
 * The guest reaches what lies in it and nothing else: symlinks are resolved in the guest's own tree, devices, FIFOs and
 * sockets do not exist, no symlink or hard link can be made (unless allowed), and a file with a second name cannot be changed, since that
 * name may lie elsewhere. On Linux each step is taken relative to an open
 * descriptor and never follows a link, so that a directory swapped meanwhile changes nothing; elsewhere the way is
 * checked before and after each act, which a helper of the guest outside the sandbox can race.
 *
 * `reset()` of a sandbox does not undo what was written; of an overlay it drops the changes.
 *
 * @throws TypeError or RangeError if an option is wrong. Whether the path is a directory is checked when the sandbox is
 * created (WardianError `invalid-mount`).
 */
export function hostDirectory(options: HostDirectoryOptions & { readonly mode: "overlay" }): OverlayDirectory;
export function hostDirectory(options: HostDirectoryOptions): FileSystem;
export function hostDirectory(options: HostDirectoryOptions): FileSystem {
  if (typeof options !== "object" || options === null)
    throw new TypeError("Cannot use a host directory: give { path }");
  const mode = options.mode ?? "read-only";
  if (mode !== "read-only" && mode !== "read-write" && mode !== "overlay") {
    throw new TypeError(`Cannot use a host directory: "mode" must be "read-only", "read-write" or "overlay"`);
  }
  const links = options.dangerouslyAllowLinks ?? false;
  if (typeof links !== "boolean")
    throw new TypeError(`Cannot use a host directory: "dangerouslyAllowLinks" must be true or false`);
  const hide = checkHidden(options.hide ?? []);
  const maxBytes = checkLimit("maxBytes", options.maxBytes ?? DEFAULT_MAX_BYTES);
  const maxEntries = checkLimit("maxEntries", options.maxEntries ?? DEFAULT_MAX_ENTRIES);
  const path = resolvePath(options.path);
  const directory = new HostDirectory({ path, mode, hide, maxBytes, maxEntries, dangerouslyAllowLinks: links });
  return mode === "overlay" ? overlayOn(directory, options) : directory;
}

function overlayOn(directory: HostDirectory, options: HostDirectoryOptions): OverlayDirectory {
  const quotas = overlayQuotas(options);
  return new Overlay({
    over: directory,
    ...quotas,
    portable: () => ({ kind: "host", options: { ...directory.options, ...quotas } }),
    checkName: (name) =>
      attempt(() => {
        directory.names.checkNew(name);
        return undefined;
      }),
    withTarget: (work) => work(commitTarget(directory.broker)),
  });
}

class HostDirectory implements FileSystem {
  readonly kind = "host";
  readonly writable: boolean;
  readonly #links: boolean;
  readonly costs: FileCosts = HOST_COSTS;
  readonly options: Required<HostDirectoryOptions>;
  readonly #path: string;
  readonly names: NameRules;
  readonly #budget: GrowthBudget;
  /** The sandboxes that mount it share the descriptor of the root. */
  #tree: HostTree | undefined;
  #users = 0;

  constructor(options: Required<HostDirectoryOptions> & { readonly path: string }) {
    this.options = options;
    this.#path = options.path;
    trustFileSystem(this);
    this.names = new NameRules(options.hide, process.platform === "win32");
    this.#budget = new GrowthBudget(options.maxBytes, options.maxEntries);
    this.writable = options.mode === "read-write";
    this.#links = options.dangerouslyAllowLinks;
  }

  root(): DirectoryNode {
    const links = this.#links;
    this.#tree ??= new HostTree(this.#openBroker(), this.names, this.#budget, this.writable, { links });
    this.#users += 1;
    return new HostDirectoryNode(this.#tree, this.#tree.broker.root);
  }

  /** While it is mounted. */
  get broker(): Broker {
    if (this.#tree === undefined) throw new ErrnoFailure("EBADF");
    return this.#tree.broker;
  }

  settle(): void {
    this.#tree?.broker.settle();
  }

  portable(): PortableFileSystem {
    return { kind: "host", options: this.options };
  }

  dispose(): void {
    if (this.#users === 0) return;
    this.#users -= 1;
    if (this.#users > 0 || this.#tree === undefined) return;
    this.#tree.disposed = true;
    this.#tree.broker.dispose();
    this.#tree = undefined;
  }

  #openBroker(): DescriptorBroker | PathBroker {
    const quoted = JSON.stringify(this.#path);
    try {
      if (!statSync(this.#path).isDirectory())
        throw new WardianError("invalid-mount", `host path ${quoted} is not a directory`);
      return DescriptorBroker.open(this.#path) ?? new PathBroker(this.#path);
    } catch (cause) {
      if (cause instanceof WardianError) throw cause;
      const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
      if (code === "ENOENT") throw new WardianError("invalid-mount", `host path ${quoted} does not exist`, { cause });
      if (code === "ENOTDIR")
        throw new WardianError("invalid-mount", `host path ${quoted} is not a directory`, { cause });
      if (code === "EACCES" || code === "EPERM") {
        throw new WardianError("invalid-mount", `host path ${quoted} may not be opened by this process`, { cause });
      }
      throw new WardianError("invalid-mount", `host path ${quoted} cannot be opened (${String(code)})`, { cause });
    }
  }
}

function resolvePath(given: string | URL): string {
  if (given instanceof URL) return fileURLToPath(given);
  if (typeof given !== "string")
    throw new TypeError(`Cannot use a host directory: "path" must be a string or a file URL`);
  // An empty path would quietly mean the working directory.
  if (given === "" || given.includes("\0"))
    throw new RangeError(`Cannot use a host directory: "path" is empty or holds a NUL`);
  return path.resolve(given);
}

function checkHidden(hide: readonly string[]): readonly string[] {
  if (!Array.isArray(hide)) throw new TypeError(`Cannot use a host directory: "hide" must be an array of names`);
  for (const name of hide) {
    if (typeof name === "string" && name !== "" && !name.includes("/")) continue;
    throw new TypeError(`Cannot use a host directory: "hide" holds ${JSON.stringify(name)}, which is not a name`);
  }
  return hide;
}

function checkLimit(name: string, value: number): number {
  if (typeof value !== "number") throw new TypeError(`Cannot use a host directory: "${name}" must be a number`);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(
    `Cannot use a host directory: "${name}" must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
  );
}
