import type { Clock } from "../../../capabilities/clock.ts";
import type { DenialSink } from "../../../capabilities/denials/denial-log.ts";
import type { InputSource } from "../../../capabilities/environment.ts";
import type { FileView } from "../../../capabilities/files/file-view.ts";
import type { OutputSink } from "../../../capabilities/output.ts";
import type { Random } from "../../../capabilities/random.ts";
import type { FuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import type { Devices } from "../devices.ts";
import { DirectoryDescription } from "../descriptors/directory-description.ts";
import { InputDescription, OutputDescription } from "../descriptors/stream-description.ts";
import { GuestMemory } from "../guest-memory.ts";
import { ExactTimes } from "../../time/exact-times.ts";
import { captureOpen, restoreOpen } from "./descriptors-state.ts";
import type { DescriptorState } from "./descriptors-state.ts";
import { OpenDescriptors } from "./open-descriptors.ts";
import { DIRECTORY_RIGHTS, INHERITED_RIGHTS, INPUT_RIGHTS, OUTPUT_RIGHTS } from "./rights.ts";

/** What a preview 1 program is given. */
export interface Preview1Powers {
  readonly files: FileView;
  readonly clock: Clock;
  readonly random: Random;
  readonly output: OutputSink;
  readonly input: InputSource;
  /** Where refusals are noted. */
  readonly denials?: DenialSink | undefined;
}

/** What one process is started with. */
export interface Preview1Process {
  /** The program's name first. */
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  /** Directories that are open from the start: absolute guest paths. */
  readonly preopens: readonly string[];
}

/**
 * Units for what any call costs the host, whatever else it charges: 0.2 to 0.3 µs. Uncharged, a loop around the cheapest
 * one would outlive its slice a hundred times.
 */
export const CALL_UNITS = 8_000;

/** Everything that the imports of one instance act on: its memory, its powers, and what a kernel would keep of it. */
export class Preview1Host {
  readonly fuel: FuelGauge;
  readonly powers: Preview1Powers;
  readonly devices: Devices;
  readonly descriptors: OpenDescriptors = new OpenDescriptors();
  readonly exactTimes: ExactTimes = new ExactTimes();
  process: Preview1Process = { args: [], env: new Map(), preopens: [] };
  /** Empty until {@link Preview1Host.attach}: a start function that calls out finds no address valid. */
  memory: GuestMemory = new GuestMemory(new WebAssembly.Memory({ initial: 0, maximum: 0 }));

  constructor(fuel: FuelGauge, powers: Preview1Powers, devices: Devices = new Map()) {
    this.fuel = fuel;
    this.powers = powers;
    this.devices = devices;
  }

  /** Starts a process: fresh descriptors, and what it is told of itself. */
  begin(process: Preview1Process): void {
    this.end();
    this.process = process;
    const { input, output, files } = this.powers;
    const stream = { inheriting: 0n, flags: 0 };
    this.descriptors.add({ ...stream, description: new InputDescription(() => input), base: INPUT_RIGHTS });
    this.descriptors.add({ ...stream, description: new OutputDescription(output, "stdout"), base: OUTPUT_RIGHTS });
    this.descriptors.add({ ...stream, description: new OutputDescription(output, "stderr"), base: OUTPUT_RIGHTS });
    for (const path of process.preopens) {
      const open = files.open(path, { read: true, write: false, directory: true });
      if (typeof open === "string" || open.kind !== "directory") continue;
      this.descriptors.add({
        description: new DirectoryDescription(open),
        base: DIRECTORY_RIGHTS,
        inheriting: INHERITED_RIGHTS,
        flags: 0,
        preopen: encoder.encode(path),
      });
    }
  }

  /** Everything that is open, as JSON data. */
  capture(): readonly DescriptorState[] {
    return captureOpen(this.descriptors);
  }

  /** Goes on with a process of a snapshot; false if `open` is forged. */
  goOn(process: Preview1Process, open: unknown): boolean {
    this.end();
    this.process = process;
    const { input, output, files, random } = this.powers;
    return restoreOpen(this.descriptors, open, { input: () => input, output, files, random });
  }

  attach(memory: WebAssembly.Memory): void {
    this.memory = new GuestMemory(memory);
  }

  /** Closes what the process left open. */
  end(): void {
    this.descriptors.closeAll();
  }
}

const encoder = new TextEncoder();
