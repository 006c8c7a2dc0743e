/** The common part of `node:fs` over the sandbox's mounted files. Text is UTF-8; there is no Buffer: bytes are `Uint8Array`. */
import {
  Bytes,
  bufferSlice,
  create,
  defineProperty,
  dateTime,
  get,
  mapGet,
  parse,
  SafeError,
  SafeMap,
  SafeTypeError,
  setBytes,
  sliceText,
  startsWith,
  stringify,
  toText,
  toWellFormed,
} from "./intrinsics.ts";
import { bytesOf } from "./encode-value.ts";
import { bytesToBinary, decodeBase64, encodeBase64 } from "./base64.ts";
import { encodeUtf8, fileOperation, writeText } from "./native.ts";
import { decodeUtf8 } from "./utf8.ts";
import { dirname, join as joinPath, resolve as resolvePath } from "./path.ts";

/** As in src/guests/javascript/file-operations.ts. */
const OPERATION = {
  readBytes: 1,
  readText: 2,
  writeText: 3,
  writeBytes: 4,
  stat: 5,
  list: 6,
  makeDirectory: 7,
  removeDirectory: 8,
  removeFile: 9,
  rename: 10,
  link: 11,
  symlink: 12,
  readLink: 13,
  setTimes: 14,
  realPath: 15,
  truncate: 16,
  readAt: 17,
  readInput: 18,
} as const;

/** Files above this are read piece by piece into memory that the guest got before. */
const PIECE = 1_048_576;
/** Longer text is encoded here, and not sent as JSON for the host to decode. */
const SHORT_TEXT = 65_536;

const REASONS = new SafeMap<string, readonly [number, string]>([
  ["EACCES", [13, "permission denied"]],
  ["EBADF", [9, "bad file descriptor"]],
  ["EBUSY", [16, "resource busy or locked"]],
  ["EEXIST", [17, "file already exists"]],
  ["EFBIG", [27, "file too large"]],
  ["EINVAL", [22, "invalid argument"]],
  ["EIO", [5, "i/o error"]],
  ["EISDIR", [21, "illegal operation on a directory"]],
  ["ELOOP", [40, "too many symbolic links encountered"]],
  ["EMFILE", [24, "too many open files"]],
  ["EMLINK", [31, "too many links"]],
  ["ENAMETOOLONG", [36, "name too long"]],
  ["ENOENT", [2, "no such file or directory"]],
  ["ENOSPC", [28, "no space left on device"]],
  ["ENOSYS", [38, "function not implemented"]],
  ["ENOTDIR", [20, "not a directory"]],
  ["ENOTEMPTY", [39, "directory not empty"]],
  ["ENOTSUP", [95, "operation not supported"]],
  ["EPERM", [1, "operation not permitted"]],
  ["EROFS", [30, "read-only file system"]],
  ["EXDEV", [18, "cross-device link not permitted"]],
]);

/** A number names a standard stream: 0 can be read, 1 and 2 written. */
type Path = string | URL | number;
type Encoding = string | null | undefined | { readonly encoding?: string | null; readonly flag?: string };

interface NodeStat {
  readonly kind: "file" | "directory" | "symlink";
  readonly size: number;
  readonly inode: number;
  readonly links: number;
  readonly writable: boolean;
  readonly accessedMs: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
}

function failure(code: string, call: string, path: string, to?: string): Error {
  const [errno, reason] = mapGet(REASONS, code) ?? [5, "i/o error"];
  const error = new SafeError(`${code}: ${reason}, ${call} '${path}'${to === undefined ? "" : ` -> '${to}'`}`);
  return Object.assign(error, { errno: -errno, code, syscall: call, path, ...(to === undefined ? {} : { dest: to }) });
}

function operate(
  operation: number,
  call: string,
  args: readonly unknown[],
  data?: ArrayBuffer,
): string | ArrayBuffer | undefined {
  const reply = fileOperation(operation, stringify(args) as string, data);
  if (typeof reply === "string" && startsWith(reply, "!"))
    throw failure(
      sliceText(reply, 1),
      call,
      toText(args[0]),
      typeof args[1] === "string" &&
        (operation === OPERATION.rename || operation === OPERATION.link || operation === OPERATION.symlink)
        ? args[1]
        : undefined,
    );
  return reply;
}

/** For module loading: the text of a file, or undefined if there is no such file. */
export function readModuleText(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}

export function isFile(path: string): boolean {
  const reply = fileOperation(OPERATION.stat, stringify([path, true]) as string, undefined);
  return typeof reply === "string" && !startsWith(reply, "!") && get(parse(reply) as object, "kind") === "file";
}

function pathOf(path: unknown): string {
  if (typeof path === "string") {
    if (path.indexOf("\0") >= 0) throw new SafeTypeError("The path must be a string without null bytes");
    return path;
  }
  const { protocol, pathname } = (path ?? {}) as Partial<URL>;
  if (protocol === "file:" && typeof pathname === "string") return decodeURIComponent(pathname);
  const bytes = bytesOf(path);
  if (bytes !== undefined) return decodeUtf8(bytes, false, true);
  throw new SafeTypeError(
    `The "path" argument must be a string, a URL or bytes. Received ${path === null ? "null" : typeof path}`,
  );
}

function encodingOf(options: Encoding): string | undefined {
  const encoding = typeof options === "string" ? options : (options?.encoding ?? undefined);
  return encoding === undefined || encoding === "buffer" ? undefined : encoding.toLowerCase();
}

function readFileSync(path: Path, options?: Encoding): string | Uint8Array {
  const encoding = encodingOf(options);
  if (path === 0 || path === "/dev/stdin") return decodeBytes(readInput(), encoding);
  const name = pathOf(path);
  if (encoding === "utf8" || encoding === "utf-8") return readText(name);
  return decodeBytes(readBytes(name), encoding);
}

function decodeBytes(bytes: Uint8Array, encoding: string | undefined): string | Uint8Array {
  if (encoding === undefined) return bytes;
  if (encoding === "utf8" || encoding === "utf-8") return decodeUtf8(bytes, false, true);
  if (encoding === "latin1" || encoding === "binary" || encoding === "ascii") return bytesToBinary(bytes);
  if (encoding === "base64") return encodeBase64(bytes, 1 / 0, undefined);
  if (encoding === "hex") return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  throw new SafeTypeError(`Unknown encoding: ${encoding}`);
}

/** The host decodes, a bounded piece at a time, so that each piece is within the guest's time. */
function readText(name: string, call = "open"): string {
  let text = "";
  for (let at = 0; at >= 0;) {
    const piece = parse(operate(OPERATION.readText, call, [name, at]) as string) as readonly [string, number];
    text += piece[0];
    at = piece[1];
  }
  return text;
}

function readBytes(name: string): Uint8Array {
  const { size } = stat(name, true, "open");
  if (size <= PIECE) return new Bytes(operate(OPERATION.readBytes, "open", [name]) as ArrayBuffer);
  const bytes = new Bytes(size);
  let at = 0;
  while (at < size) {
    const piece = new Bytes(operate(OPERATION.readAt, "read", [name, at, Math.min(PIECE, size - at)]) as ArrayBuffer);
    if (piece.length === 0) break;
    setBytes(bytes, piece, at);
    at += piece.length;
  }
  return at === size ? bytes : bytes.slice(0, at);
}

/** The rest of standard input. */
function readInput(): Uint8Array {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const piece = new Bytes(operate(OPERATION.readInput, "read", [65_536]) as ArrayBuffer);
    if (piece.length === 0) break;
    pieces.push(piece);
    length += piece.length;
  }
  const all = new Bytes(length);
  let at = 0;
  for (const piece of pieces) {
    setBytes(all, piece, at);
    at += piece.length;
  }
  return all;
}

function write(path: Path, data: unknown, options: Encoding, flag: string): void {
  if (path === 1 || path === 2) {
    const shown = bytesOf(data);
    writeText(path, shown === undefined ? toText(data) : decodeUtf8(shown, false, true));
    return;
  }
  const name = pathOf(path);
  const encoding = encodingOf(options);
  const mode =
    typeof options === "object" && options !== null && typeof options.flag === "string" ? options.flag : flag;
  let bytes = bytesOf(data);
  if (bytes === undefined) {
    if (typeof data !== "string")
      throw new SafeTypeError(
        `The "data" argument must be a string or bytes. Received ${data === null ? "null" : typeof data}`,
      );
    if (encoding === undefined || encoding === "utf8" || encoding === "utf-8") {
      if (data.length <= SHORT_TEXT) {
        operate(OPERATION.writeText, "open", [name, mode, toWellFormed(data)]);
        return;
      }
      bytes = new Bytes(encodeUtf8(toWellFormed(data)));
    } else if (encoding === "base64") bytes = decodeBase64(data) ?? new Bytes(0);
    else if (encoding === "latin1" || encoding === "binary" || encoding === "ascii")
      bytes = Bytes.from(data, (letter) => letter.charCodeAt(0) & 255);
    else if (encoding === "hex") bytes = Bytes.from(data.match(/[\da-f]{2}/gi) ?? [], (pair) => parseInt(pair, 16));
    else throw new SafeTypeError(`Unknown encoding: ${encoding}`);
  }
  operate(
    OPERATION.writeBytes,
    "open",
    [name, mode],
    bufferSlice(bytes.buffer, bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  );
}

function stat(path: string, follow: boolean, call = follow ? "stat" : "lstat"): NodeStat {
  return parse(operate(OPERATION.stat, call, [path, follow]) as string) as NodeStat;
}

class Stats {
  readonly dev = 0;
  readonly ino: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid = 0;
  readonly gid = 0;
  readonly rdev = 0;
  readonly size: number;
  readonly blksize = 4096;
  readonly blocks: number;
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;
  readonly atime: Date;
  readonly mtime: Date;
  readonly ctime: Date;
  readonly birthtime: Date;

  constructor(node: NodeStat) {
    this.ino = node.inode;
    this.mode =
      (node.kind === "directory" ? 0o040000 | 0o555 : node.kind === "symlink" ? 0o120000 | 0o777 : 0o100000 | 0o444) |
      (node.writable ? 0o200 : 0);
    this.nlink = node.links;
    this.size = node.size;
    this.blocks = Math.ceil(node.size / 512);
    this.atimeMs = node.accessedMs;
    this.mtimeMs = node.modifiedMs;
    this.ctimeMs = node.changedMs;
    this.birthtimeMs = node.changedMs;
    this.atime = new Date(node.accessedMs);
    this.mtime = new Date(node.modifiedMs);
    this.ctime = new Date(node.changedMs);
    this.birthtime = new Date(node.changedMs);
  }

  isFile(): boolean {
    return (this.mode & 0o170000) === 0o100000;
  }
  isDirectory(): boolean {
    return (this.mode & 0o170000) === 0o040000;
  }
  isSymbolicLink(): boolean {
    return (this.mode & 0o170000) === 0o120000;
  }
  isFIFO(): boolean {
    return false;
  }
  isSocket(): boolean {
    return false;
  }
  isBlockDevice(): boolean {
    return false;
  }
  isCharacterDevice(): boolean {
    return false;
  }
}

class Dirent {
  readonly name: string;
  readonly parentPath: string;
  readonly #kind: string;

  constructor(name: string, parentPath: string, kind: string) {
    this.name = name;
    this.parentPath = parentPath;
    this.#kind = kind;
  }

  get path(): string {
    return this.parentPath;
  }
  isFile(): boolean {
    return this.#kind === "file";
  }
  isDirectory(): boolean {
    return this.#kind === "directory";
  }
  isSymbolicLink(): boolean {
    return this.#kind === "symlink";
  }
}

interface ListOptions {
  readonly withFileTypes?: boolean;
  readonly recursive?: boolean;
}

function readdirSync(path: Path, options?: ListOptions | string | null): (string | Dirent)[] {
  const name = pathOf(path);
  const { withFileTypes = false, recursive = false } = typeof options === "object" && options !== null ? options : {};
  const result: (string | Dirent)[] = [];
  const visit = (directory: string, prefix: string): void => {
    const entries = parse(operate(OPERATION.list, "scandir", [directory]) as string) as [string, string][];
    entries.sort(([left], [right]) => (left < right ? -1 : 1));
    for (const [entry, kind] of entries) {
      result.push(withFileTypes ? new Dirent(entry, directory, kind) : prefix + entry);
      if (recursive && kind === "directory") visit(joinPath(directory, entry), `${prefix}${entry}/`);
    }
  };
  visit(name, "");
  return result;
}

function mkdirSync(path: Path, options?: { readonly recursive?: boolean } | number | null): string | undefined {
  const name = pathOf(path);
  if (typeof options !== "object" || options?.recursive !== true) {
    operate(OPERATION.makeDirectory, "mkdir", [name]);
    return undefined;
  }
  const missing: string[] = [];
  for (let at = resolvePath(name); ; at = dirname(at)) {
    const found = tryStat(at, true);
    if (found !== undefined && found.kind !== "directory")
      throw failure(missing.length === 0 ? "EEXIST" : "ENOTDIR", "mkdir", name);
    if (found !== undefined || at === "/") break;
    missing.push(at);
  }
  for (let index = missing.length - 1; index >= 0; index--) operate(OPERATION.makeDirectory, "mkdir", [missing[index]]);
  return missing[missing.length - 1];
}

function tryStat(path: string, follow: boolean): NodeStat | undefined {
  const reply = fileOperation(OPERATION.stat, stringify([path, follow]) as string, undefined);
  return typeof reply === "string" && !startsWith(reply, "!") ? (parse(reply) as NodeStat) : undefined;
}

function rmSync(path: Path, options?: { readonly recursive?: boolean; readonly force?: boolean }): void {
  const name = pathOf(path);
  const found = tryStat(name, false);
  if (found === undefined) {
    if (options?.force === true) return;
    throw failure("ENOENT", "rm", name);
  }
  if (found.kind !== "directory") {
    operate(OPERATION.removeFile, "rm", [name]);
    return;
  }
  if (options?.recursive !== true)
    throw Object.assign(new SafeError(`Path is a directory: rm returned EISDIR (is a directory) ${name}`), {
      code: "ERR_FS_EISDIR",
      path: name,
    });
  for (const entry of readdirSync(name) as string[]) rmSync(joinPath(name, entry), options);
  operate(OPERATION.removeDirectory, "rm", [name]);
}

function copyFileSync(from: Path, to: Path, mode = 0): void {
  operate(
    OPERATION.writeBytes,
    "copyfile",
    [pathOf(to), (mode & 1) === 1 ? "wx" : "w"],
    readBytes(pathOf(from)).buffer as ArrayBuffer,
  );
}

function cpSync(from: Path, to: Path, options?: { readonly recursive?: boolean }): void {
  const source = pathOf(from);
  const target = pathOf(to);
  if (stat(source, true, "cp").kind !== "directory") return copyFileSync(source, target);
  if (options?.recursive !== true) throw failure("EISDIR", "cp", source);
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source) as string[])
    cpSync(joinPath(source, entry), joinPath(target, entry), options);
}

const seconds = (time: unknown): number =>
  typeof time === "object" && time !== null ? dateTime(time) : Number(time) * 1000;

const operations = {
  readFileSync,
  writeFileSync: (path: Path, data: unknown, options?: Encoding): void => write(path, data, options, "w"),
  appendFileSync: (path: Path, data: unknown, options?: Encoding): void => write(path, data, options, "a"),
  existsSync: (path: unknown): boolean => {
    try {
      return tryStat(pathOf(path), true) !== undefined;
    } catch {
      return false;
    }
  },
  accessSync: (path: Path, mode = 0): void => {
    const name = pathOf(path);
    const found = stat(name, true, "access");
    if ((mode & 2) !== 0 && !found.writable) throw failure("EACCES", "access", name);
  },
  statSync: (path: Path, options?: { readonly throwIfNoEntry?: boolean }): Stats | undefined =>
    statOf(path, true, options),
  lstatSync: (path: Path, options?: { readonly throwIfNoEntry?: boolean }): Stats | undefined =>
    statOf(path, false, options),
  readdirSync,
  mkdirSync,
  mkdtempSync: (prefix: string): string => {
    for (let attempt = 0; ; attempt++) {
      const name = prefix + Math.random().toString(36).slice(2, 8).padEnd(6, "0");
      if (tryStat(name, false) !== undefined && attempt < 100) continue;
      operate(OPERATION.makeDirectory, "mkdtemp", [name]);
      return name;
    }
  },
  rmSync,
  rmdirSync: (path: Path, options?: { readonly recursive?: boolean }): void => {
    if (options?.recursive === true) rmSync(path, options);
    else operate(OPERATION.removeDirectory, "rmdir", [pathOf(path)]);
  },
  unlinkSync: (path: Path): void => void operate(OPERATION.removeFile, "unlink", [pathOf(path)]),
  renameSync: (from: Path, to: Path): void => void operate(OPERATION.rename, "rename", [pathOf(from), pathOf(to)]),
  copyFileSync,
  cpSync,
  linkSync: (from: Path, to: Path): void => void operate(OPERATION.link, "link", [pathOf(from), pathOf(to)]),
  symlinkSync: (target: string, path: Path): void =>
    void operate(OPERATION.symlink, "symlink", [pathOf(target), pathOf(path)]),
  readlinkSync: (path: Path): string =>
    parse(operate(OPERATION.readLink, "readlink", [pathOf(path)]) as string) as string,
  realpathSync: (path: Path): string =>
    parse(operate(OPERATION.realPath, "realpath", [pathOf(path)]) as string) as string,
  truncateSync: (path: Path, size = 0): void => void operate(OPERATION.truncate, "truncate", [pathOf(path), size]),
  utimesSync: (path: Path, accessed: unknown, modified: unknown): void =>
    void operate(OPERATION.setTimes, "utime", [pathOf(path), seconds(accessed), seconds(modified)]),
};

function statOf(
  path: Path,
  follow: boolean,
  options: { readonly throwIfNoEntry?: boolean } | undefined,
): Stats | undefined {
  const name = pathOf(path);
  if (options?.throwIfNoEntry === false) {
    const found = tryStat(name, follow);
    return found === undefined ? undefined : new Stats(found);
  }
  return new Stats(stat(name, follow));
}

const constants = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4, COPYFILE_EXCL: 1 };

/** `node:fs` and `node:fs/promises`: the promise and callback forms do the same work, and answer later. */
export function makeFs(): { readonly fs: object; readonly promises: object } {
  const fs: Record<string, unknown> = create(null) as Record<string, unknown>;
  const promises: Record<string, unknown> = create(null) as Record<string, unknown>;
  for (const [name, method] of Object.entries(operations) as [string, (...args: unknown[]) => unknown][]) {
    const short = name.slice(0, -"Sync".length);
    fs[name] = named(method, name);
    if (short === "exists") continue;
    promises[short] = named(async (...args: unknown[]) => method(...args), short);
    fs[short] = named((...args: unknown[]) => {
      const callback = args.pop();
      if (typeof callback !== "function") throw new SafeTypeError('The "cb" argument must be of type function');
      void (promises[short] as (...args: unknown[]) => Promise<unknown>)(...args).then(
        // As a microtask of its own: what a callback throws ends the run, and is not a rejection that nobody sees.
        (value) => queueMicrotask(() => (callback as (...args: unknown[]) => void)(null, value)),
        (error: unknown) => queueMicrotask(() => (callback as (...args: unknown[]) => void)(error)),
      );
    }, short);
  }
  fs["constants"] = promises["constants"] = constants;
  fs["promises"] = promises;
  fs["Stats"] = Stats;
  fs["Dirent"] = Dirent;
  return { fs, promises };
}

function named<T extends object>(method: T, name: string): T {
  return defineProperty(method, "name", { value: name, configurable: true });
}
