import type { FileHandle, FileStat } from "../../../capabilities/files/file-system.ts";
import type { OpenFile } from "../../../capabilities/files/file-view.ts";
import { leadsOut } from "../../relative-path.ts";
import { failWith } from "../host/failure.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { ResourceState } from "../host/resource-state.ts";
import { InputStream } from "../io/input-stream.ts";
import { OutputStream } from "../io/output-stream.ts";
import { descriptorStat, descriptorType, setTimes } from "./descriptor-stat.ts";
import type { DescriptorStat, NewTimestamp } from "./descriptor-stat.ts";
import { DirectoryEntryStream } from "./directory-entry-stream.ts";
import { ok } from "./error-code.ts";
import { FileSink, FileSource } from "./file-streams.ts";

interface PathFlags {
  readonly symlinkFollow?: boolean;
}

interface OpenFlags {
  readonly create?: boolean;
  readonly directory?: boolean;
  readonly exclusive?: boolean;
  readonly truncate?: boolean;
}

interface DescriptorFlags {
  readonly read?: boolean;
  readonly write?: boolean;
  readonly mutateDirectory?: boolean;
}

/** The most that one read gives: the length is the guest's to choose, and the bytes are allocated here. */
const MAX_READ_BYTES = 2 ** 20;
/** Allocating, copying and lifting a byte, beside what the file view charges. */
const BYTE_UNITS = 3;

/** `wasi:filesystem/types.descriptor`: an open file or directory. */
export class Descriptor extends Resource {
  readonly #open: OpenFile;
  readonly #flags: DescriptorFlags;
  /** The descriptor itself and the streams that were made of it: the file is closed with the last of them. */
  #users = 1;

  constructor(host: Preview2Host, open: OpenFile, flags: DescriptorFlags) {
    super(host);
    this.#open = open;
    this.#flags = flags;
  }

  readViaStream(offset: bigint): InputStream {
    return Descriptor.reading(this, Number(offset));
  }

  writeViaStream(offset: bigint): OutputStream {
    return Descriptor.writing(this, Number(offset));
  }

  appendViaStream(): OutputStream {
    return Descriptor.writing(this, undefined);
  }

  advise(): void {
    Descriptor.file(this);
  }

  syncData(): void {
    this.sync();
  }

  getFlags(): DescriptorFlags {
    return this.#flags;
  }

  getType(): string {
    return descriptorType(this.#open.kind);
  }

  setSize(size: bigint): void {
    ok(Descriptor.writable(this).truncate(Number(size)));
  }

  setTimes(accessed: NewTimestamp, modified: NewTimestamp): void {
    const open = this.#open;
    const { files } = this.host.powers;
    setTimes(
      this.host,
      accessed,
      modified,
      () => Descriptor.look(this),
      (times) => (open.kind === "file" ? open.handle.setTimes(times) : files.setTimes(open.path, times, true)),
    );
  }

  read(length: bigint, offset: bigint): [Uint8Array, boolean] {
    const handle = Descriptor.readable(this);
    const room = Number(length < MAX_READ_BYTES ? length : MAX_READ_BYTES);
    if (!this.host.fuel.charge(room * BYTE_UNITS)) failWith("io");
    const bytes = new Uint8Array(room);
    const count = ok(handle.read(bytes, Number(offset)));
    return [bytes.subarray(0, count), count === 0 && room > 0];
  }

  write(buffer: Uint8Array, offset: bigint): bigint {
    const handle = Descriptor.writable(this);
    if (!this.host.fuel.charge(buffer.length * BYTE_UNITS)) failWith("io");
    return BigInt(ok(handle.write(buffer, Number(offset))));
  }

  readDirectory(): DirectoryEntryStream {
    const open = this.#open;
    if (open.kind !== "directory") failWith("not-directory");
    return new DirectoryEntryStream(this.host, ok(open.list()));
  }

  sync(): void {
    if (this.#open.kind === "file") ok(this.#open.handle.sync());
  }

  createDirectoryAt(path: string): void {
    ok(this.host.powers.files.makeDirectory(...Descriptor.at(this, path)));
  }

  stat(): DescriptorStat {
    return descriptorStat(this.host, ok(Descriptor.look(this)));
  }

  statAt(flags: PathFlags, path: string): DescriptorStat {
    return descriptorStat(this.host, Descriptor.lookAt(this, flags, path));
  }

  setTimesAt(flags: PathFlags, path: string, accessed: NewTimestamp, modified: NewTimestamp): void {
    const { files } = this.host.powers;
    const [name, cwd] = Descriptor.at(this, path);
    const follow = flags.symlinkFollow === true;
    setTimes(
      this.host,
      accessed,
      modified,
      () => files.stat(name, follow, cwd),
      (times) => files.setTimes(name, times, follow, cwd),
    );
  }

  linkAt(flags: PathFlags, oldPath: string, newDescriptor: Descriptor, newPath: string): void {
    if (flags.symlinkFollow === true) failWith("invalid");
    ok(this.host.powers.files.link(Descriptor.absolute(this, oldPath), Descriptor.absolute(newDescriptor, newPath)));
  }

  openAt(pathFlags: PathFlags, path: string, openFlags: OpenFlags, flags: DescriptorFlags): Descriptor {
    const [name, cwd] = Descriptor.at(this, path);
    const { create = false, directory = false, exclusive = false, truncate = false } = openFlags;
    const write = flags.write === true;
    const open = ok(
      this.host.powers.files.open(
        name,
        {
          read: flags.read === true || !write,
          write: write || truncate,
          create,
          exclusive,
          truncate,
          directory,
          noFollow: pathFlags.symlinkFollow !== true,
        },
        cwd,
      ),
    );
    return new Descriptor(this.host, open, flags);
  }

  readlinkAt(path: string): string {
    return ok(this.host.powers.files.readLink(...Descriptor.at(this, path))).target;
  }

  removeDirectoryAt(path: string): void {
    ok(this.host.powers.files.removeDirectory(...Descriptor.at(this, path)));
  }

  renameAt(oldPath: string, newDescriptor: Descriptor, newPath: string): void {
    ok(this.host.powers.files.rename(Descriptor.absolute(this, oldPath), Descriptor.absolute(newDescriptor, newPath)));
  }

  symlinkAt(oldPath: string, newPath: string): void {
    // A link to an absolute path would mean another place for a program with other directories.
    if (oldPath.startsWith("/")) failWith("not-permitted");
    ok(this.host.powers.files.symlink(oldPath, ...Descriptor.at(this, newPath)));
  }

  unlinkFileAt(path: string): void {
    ok(this.host.powers.files.removeFile(...Descriptor.at(this, path)));
  }

  isSameObject(other: Descriptor): boolean {
    const [mine, theirs] = [Descriptor.look(this), Descriptor.look(other)];
    return typeof mine !== "string" && typeof theirs !== "string" && mine.inode === theirs.inode;
  }

  metadataHash(): { readonly lower: bigint; readonly upper: bigint } {
    return hashOf(ok(Descriptor.look(this)));
  }

  metadataHashAt(flags: PathFlags, path: string): { readonly lower: bigint; readonly upper: bigint } {
    return hashOf(Descriptor.lookAt(this, flags, path));
  }

  override capture(): ResourceState {
    return { kind: "descriptor", file: this.#open.capture(), flags: this.#flags };
  }

  override close(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#open.close();
  }

  /** Counts another user; the answer lets it go. */
  static hold(descriptor: Descriptor): () => void {
    descriptor.#users += 1;
    return () => descriptor.close();
  }

  static reading(descriptor: Descriptor, position: number): InputStream {
    const handle = Descriptor.readable(descriptor);
    return new InputStream(descriptor.host, new FileSource(descriptor, handle, position, Descriptor.hold(descriptor)));
  }

  /** Undefined: always at the end. */
  static writing(descriptor: Descriptor, position: number | undefined): OutputStream {
    const handle = Descriptor.writable(descriptor);
    return new OutputStream(descriptor.host, new FileSink(descriptor, handle, position, Descriptor.hold(descriptor)));
  }

  static file(descriptor: Descriptor): FileHandle {
    const open = descriptor.#open;
    if (open.kind !== "file") failWith("bad-descriptor");
    return open.handle;
  }

  static readable(descriptor: Descriptor): FileHandle {
    if (descriptor.#open.kind === "directory") failWith("is-directory");
    if (descriptor.#flags.read !== true) failWith("bad-descriptor");
    return Descriptor.file(descriptor);
  }

  static writable(descriptor: Descriptor): FileHandle {
    if (descriptor.#open.kind === "directory") failWith("is-directory");
    if (descriptor.#flags.write !== true) failWith("bad-descriptor");
    return Descriptor.file(descriptor);
  }

  static look(descriptor: Descriptor): ReturnType<FileHandle["stat"]> {
    const open = descriptor.#open;
    return open.kind === "file" ? open.handle.stat() : open.stat();
  }

  static lookAt(descriptor: Descriptor, flags: PathFlags, path: string): FileStat {
    const [name, cwd] = Descriptor.at(descriptor, path);
    return ok(descriptor.host.powers.files.stat(name, flags.symlinkFollow === true, cwd));
  }

  /** A path below an open directory, as the file view takes it: relative, and where it starts. */
  static at(descriptor: Descriptor, path: string): [path: string, cwd: string] {
    const open = descriptor.#open;
    if (open.kind !== "directory") failWith("not-directory");
    if (path === "") failWith("no-entry");
    if (path.startsWith("/") || leadsOut(path)) failWith("not-permitted");
    return [path, open.path];
  }

  static absolute(descriptor: Descriptor, path: string): string {
    const [name, cwd] = Descriptor.at(descriptor, path);
    return cwd === "/" ? `/${name}` : `${cwd}/${name}`;
  }
}

guardMethods(Descriptor, "io");

/** Inode numbers are unique in a sandbox. */
function hashOf(stat: FileStat): { readonly lower: bigint; readonly upper: bigint } {
  return { lower: BigInt(stat.inode), upper: 0n };
}
