import type { Errno, FileStat } from "../../capabilities/files/file-system.ts";
import { incompleteTail } from "../../capabilities/output/utf8-tail.ts";
import type { FileView, OpenOptions } from "../../capabilities/files/file-view.ts";
import type { InputSource } from "../../capabilities/environment.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import type { Reply } from "./host-interface.ts";
import { FILE_OPERATION } from "./operations.ts";

type Outcome = Reply | Errno;
type Operation = (args: readonly unknown[], data: Uint8Array) => Outcome;

export interface FilePowers {
  readonly files: FileView;
  readonly input: InputSource;
}

/** Where relative paths start. */
const CWD = "/";
/** Longest file, and longest piece of one, that one call answers as bytes; the guest's wrapper reads on piece by piece. */
const MAX_PIECE = 2 ** 20;
/** The longest piece of text. JSON makes six characters of a byte that is no letter, so this is a few milliseconds of work. */
const MAX_TEXT = 2 ** 18;

/** Units of fuel per character that is decoded, escaped and encoded: about a nanosecond each. */
const TEXT_UNITS = 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The host's end of `node:fs` (runtimes/javascript/prelude/files/fs.ts): the operation's number, its arguments as JSON text,
 * and bytes. Answers bytes, JSON text, or "!" and an errno. Everything that comes in is the guest's to forge.
 */
export function fileOperations(
  powers: FilePowers,
  fuel: FuelGauge,
): (operation: number, text: string, data: Uint8Array) => Reply {
  const { files, input } = powers;
  const operations: Readonly<Record<keyof typeof FILE_OPERATION, Operation>> = {
    readBytes: ([path]) => bytesReply(readAll(path)),
    readText: ([path, position]) => (isSize(position) ? readTextAt(path, position) : "EINVAL"),
    writeText: ([path, flag, content]) =>
      typeof content === "string" ? writeAll(path, flag, encoder.encode(content)) : "EINVAL",
    writeBytes: ([path, flag], data) => writeAll(path, flag, data),
    stat: ([path, follow]) => statReply(onPath(path, (name) => files.stat(name, follow === true, CWD))),
    list: ([path]) => listReply(path),
    makeDirectory: ([path]) => done(onPath(path, (name) => files.makeDirectory(name, CWD))),
    removeDirectory: ([path]) => done(onPath(path, (name) => files.removeDirectory(name, CWD))),
    removeFile: ([path]) => done(onPath(path, (name) => files.removeFile(name, CWD))),
    rename: ([from, to]) => done(onPaths(from, to, (a, b) => files.rename(a, b, CWD))),
    link: ([from, to]) => done(onPaths(from, to, (a, b) => files.link(a, b, CWD))),
    symlink: ([target, path]) => done(onPaths(target, path, (a, b) => files.symlink(a, b, CWD))),
    readLink: ([path]) =>
      jsonReply(
        onPath(path, (name) => files.readLink(name, CWD)),
        ({ target }) => target,
      ),
    setTimes: ([path, accessed, modified]) =>
      typeof accessed === "number" &&
      typeof modified === "number" &&
      Number.isFinite(accessed) &&
      Number.isFinite(modified)
        ? done(onPath(path, (name) => files.setTimes(name, { accessedMs: accessed, modifiedMs: modified }, true, CWD)))
        : "EINVAL",
    realPath: ([path]) =>
      jsonReply(
        onPath(path, (name) => files.canonicalize(name, CWD)),
        (found) => found.path,
      ),
    truncate: ([path, size]) => (isSize(size) ? truncate(path, size) : "EINVAL"),
    readAt: ([path, position, length]) =>
      isSize(position) && isSize(length) ? bytesReply(readAt(path, position, Math.min(length, MAX_PIECE))) : "EINVAL",
    readInput: ([length]) => (isSize(length) ? bytesReply(readInput(Math.min(length, MAX_PIECE))) : "EINVAL"),
  };
  const table = new Map<number, Operation>();
  for (const name of Object.keys(FILE_OPERATION) as (keyof typeof FILE_OPERATION)[])
    table.set(FILE_OPERATION[name], operations[name]);

  function onPath<T>(path: unknown, act: (name: string) => T | Errno): T | Errno {
    return typeof path === "string" ? act(path) : "EINVAL";
  }

  function onPaths<T>(from: unknown, to: unknown, act: (from: string, to: string) => T | Errno): T | Errno {
    return typeof from === "string" && typeof to === "string" ? act(from, to) : "EINVAL";
  }

  function open(
    path: unknown,
    options: OpenOptions,
    act: (handle: FileHandleLike) => Outcome | Uint8Array,
  ): Outcome | Uint8Array {
    const file = onPath(path, (name) => files.open(name, options, CWD));
    if (typeof file === "string") return file;
    if (file.kind === "directory") {
      file.close();
      return "EISDIR";
    }
    try {
      return act(file.handle);
    } finally {
      file.close();
    }
  }

  function readAll(path: unknown): Uint8Array | Outcome {
    return open(path, { read: true, write: false }, (handle) => {
      const stat = handle.stat();
      if (typeof stat === "string") return stat;
      if (stat.size > MAX_PIECE) return "EFBIG";
      return readPiece(handle, 0, stat.size);
    });
  }

  function readAt(path: unknown, position: number, length: number): Uint8Array | Outcome {
    return open(path, { read: true, write: false }, (handle) => readPiece(handle, position, length));
  }

  function readPiece(handle: FileHandleLike, position: number, length: number): Uint8Array | Errno {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const count = handle.read(bytes.subarray(filled), position + filled);
      if (typeof count === "string") return count;
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  }

  function readInput(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    const filled = bytes.subarray(0, input.read(bytes));
    fuel.charge(filled.length);
    return filled;
  }

  function writeAll(path: unknown, flag: unknown, bytes: Uint8Array): Outcome {
    const options = WRITE_FLAGS.get(flag);
    if (options === undefined) return "EINVAL";
    const outcome = open(path, options, (handle) => {
      let written = 0;
      while (written < bytes.length) {
        const count = handle.write(bytes.subarray(written), written);
        if (typeof count === "string") return count;
        if (count === 0) return "EIO";
        written += count;
      }
      return OK;
    });
    return outcome instanceof Uint8Array ? OK : outcome;
  }

  function truncate(path: unknown, size: number): Outcome {
    const outcome = open(path, { read: true, write: true }, (handle) => done(handle.truncate(size)));
    return outcome instanceof Uint8Array ? OK : outcome;
  }

  function listReply(path: unknown): Outcome {
    return jsonReply(
      onPath(path, (name) => files.list(name, CWD)),
      (entries) => entries.map(({ name, kind }) => [name, kind]),
    );
  }

  function bytesReply(bytes: Uint8Array | Outcome): Outcome {
    return bytes instanceof Uint8Array ? { tag: "bytes", val: bytes } : bytes;
  }

  /** Answers the text from `position` on, whole characters only, and the position behind it: -1 at the end. */
  function readTextAt(path: unknown, position: number): Outcome {
    let end = false;
    const bytes = open(path, { read: true, write: false }, (handle) => {
      const stat = handle.stat();
      if (typeof stat === "string") return stat;
      end = stat.size - position <= MAX_TEXT;
      return readPiece(handle, position, Math.max(0, Math.min(stat.size - position, MAX_TEXT)));
    });
    if (!(bytes instanceof Uint8Array)) return bytes;
    const whole = end ? bytes.length : bytes.length - incompleteTail(bytes);
    const next = end || whole === 0 ? -1 : position + whole;
    const text = JSON.stringify([decoder.decode(bytes.subarray(0, whole)), next]);
    fuel.charge(text.length * TEXT_UNITS);
    return { tag: "text", val: encoder.encode(text) };
  }

  return (operation, text, data) => {
    const outcome = run(table.get(operation), text, data);
    return typeof outcome === "string" ? { tag: "text", val: encoder.encode(`!${outcome}`) } : outcome;
  };
}

interface FileHandleLike {
  stat(): FileStat | Errno;
  read(into: Uint8Array, position: number): number | Errno;
  write(from: Uint8Array, position: number): number | Errno;
  truncate(size: number): void | Errno;
}

const OK: Reply = { tag: "nothing" };

const WRITE_FLAGS: ReadonlyMap<unknown, OpenOptions> = new Map<unknown, OpenOptions>([
  ["w", { read: false, write: true, create: true, truncate: true }],
  ["wx", { read: false, write: true, create: true, exclusive: true }],
  ["a", { read: false, write: true, create: true, append: true }],
  ["ax", { read: false, write: true, create: true, append: true, exclusive: true }],
  ["r+", { read: true, write: true }],
]);

function run(operation: Operation | undefined, text: string, data: Uint8Array): Outcome {
  if (operation === undefined) return "ENOSYS";
  let args: unknown;
  try {
    args = JSON.parse(text);
  } catch {
    return "EINVAL";
  }
  return Array.isArray(args) ? operation(args, data) : "EINVAL";
}

function done(result: void | Errno): Outcome {
  return typeof result === "string" ? result : OK;
}

function statReply(stat: FileStat | Errno): Outcome {
  return jsonReply(stat, (found) => found);
}

function jsonReply<T extends object>(result: T | Errno, show: (value: T) => unknown): Outcome {
  return typeof result === "string" ? result : { tag: "text", val: encoder.encode(JSON.stringify(show(result))) };
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
