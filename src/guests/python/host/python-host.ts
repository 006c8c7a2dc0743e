import type { FuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import { ERRNO, errnoOf } from "../../../wasi/preview1/errno.ts";
import { DescriptorTable } from "../../../wasi/preview1/descriptor-table.ts";
import { InputDescription, OutputDescription } from "../../../wasi/preview1/descriptors/stream-description.ts";
import { GuestMemory } from "../../../wasi/preview1/guest-memory.ts";
import type { Errno } from "../../../capabilities/files/file-system.ts";
import type { GuestCapabilities } from "../../guest.ts";
import type { SideLinker } from "../linker/side-linker.ts";
import type { HostChannel } from "./host-channel.ts";
import type { Trampoline } from "../trampoline.ts";
import type { PythonExports } from "../python-exports.ts";

/** What a host has to be given. */
export interface PythonHostParts {
  readonly gauge: FuelGauge;
  readonly capabilities: GuestCapabilities;
  readonly channel: HostChannel;
  /** The standard library's archive, shared by all sandboxes. */
  readonly stdlib: Uint8Array;
  /** Linear memory may not grow past this many bytes. */
  readonly memoryBytes: number;
  /** Address of the exception class for waits that can never end; 0: they are not noticed. */
  readonly deadlockError: number;
  /** Whether the guest may be suspended while it computes. Default: no. */
  readonly yields?: boolean | undefined;
}

/** What of an instance the imports act on. */
export interface HostedInstance {
  readonly exports: PythonExports;
  readonly trampoline: Trampoline;
  readonly linker?: SideLinker | undefined;
}

/** Everything that the imports of one Python instance act on: its memory, its powers and the state a kernel would keep. */
export class PythonHost {
  readonly gauge: FuelGauge;
  readonly capabilities: GuestCapabilities;
  readonly channel: HostChannel;
  readonly stdlib: Uint8Array;
  readonly memoryLimit: number;
  readonly deadlockError: number;
  readonly yields: boolean;
  readonly descriptors: DescriptorTable = new DescriptorTable();
  /** Addresses of live file mappings. */
  readonly mappings: Set<number> = new Set<number>();
  /** Working directory: absolute guest path. */
  cwd = "/";
  /** Whether the guest asked for more memory than its cap. */
  memoryRefused = false;
  /** A signal to deliver at the interpreter's next look: 2 is SIGINT, 0 none. */
  pendingSignal = 0;
  #memory: GuestMemory | undefined;
  #exports: PythonExports | undefined;
  #trampoline: Trampoline | undefined;
  #linker: SideLinker | undefined;

  constructor(parts: PythonHostParts) {
    this.gauge = parts.gauge;
    this.capabilities = parts.capabilities;
    this.channel = parts.channel;
    this.stdlib = parts.stdlib;
    this.memoryLimit = parts.memoryBytes;
    this.deadlockError = parts.deadlockError;
    this.yields = parts.yields === true;
    this.restart();
  }

  /** Makes the instance the one that calls act on. */
  attach({ exports, trampoline, linker }: HostedInstance): void {
    this.#exports = exports;
    this.#memory = new GuestMemory(exports.memory);
    this.#trampoline = trampoline;
    this.#linker = linker;
  }

  get memory(): GuestMemory {
    if (this.#memory === undefined) throw new Error("Python host has no instance");
    return this.#memory;
  }

  get exports(): PythonExports {
    if (this.#exports === undefined) throw new Error("Python host has no instance");
    return this.#exports;
  }

  get trampoline(): Trampoline {
    if (this.#trampoline === undefined) throw new Error("Python host has no instance");
    return this.#trampoline;
  }

  /** Undefined: there are no extension modules. */
  get linker(): SideLinker | undefined {
    return this.#linker;
  }

  /** Back to three standard streams and nothing else open. */
  restart(): void {
    const { descriptors, capabilities } = this;
    descriptors.closeAll();
    descriptors.set(0, new InputDescription(() => capabilities.input));
    descriptors.set(1, new OutputDescription(capabilities.output, "stdout"));
    descriptors.set(2, new OutputDescription(capabilities.output, "stderr"));
    this.mappings.clear();
    this.cwd = "/";
    this.pendingSignal = 0;
    this.memoryRefused = false;
  }

  /** Charges one call and `bytes` handled by it. */
  charge(bytes = 0): void {
    this.gauge.charge(CALL_UNITS + bytes * BYTE_UNITS);
  }
}

/** A call from Wasm into the host and back is worth about this many units of fuel (measured: 0.1 µs). */
const CALL_UNITS = 2_000;
/** Copying a byte: an upper bound for memcpy, and near what UTF-8 decoding costs. */
const BYTE_UNITS = 1;

/** One import: gets the host and the guest's raw arguments. i64 arguments are bigint. */
export type HostCall = (host: PythonHost, ...args: never[]) => number | bigint | null | undefined | void;

/** What a syscall answers for a file error. */
export function failed(error: Errno): number {
  return -errnoOf(error);
}

export { ERRNO };
