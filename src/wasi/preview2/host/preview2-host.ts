import type { Clock } from "../../../capabilities/clock.ts";
import type { DenialSink } from "../../../capabilities/denials/denial-log.ts";
import type { Environment, InputSource } from "../../../capabilities/environment.ts";
import type { FileView } from "../../../capabilities/files/file-view.ts";
import type { HttpCalls } from "../../../capabilities/network/http-calls.ts";
import type { OutputSink } from "../../../capabilities/output.ts";
import type { Random } from "../../../capabilities/random.ts";
import type { FuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import type { NumberOf, ResourceState } from "./resource-state.ts";
import { ExactTimes } from "../../time/exact-times.ts";

/** What a component is given. */
export interface Preview2Powers {
  readonly files: FileView;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: Environment;
  readonly output: OutputSink;
  readonly input: InputSource;
  readonly http?: HttpCalls | undefined;
  /** Where refusals are noted. */
  readonly denials?: DenialSink | undefined;
}

/** Resources (streams, descriptors, pollables, fields) that one component may hold at a time. */
const MAX_RESOURCES = 4_096;

/** Everything that the imports of one component act on. */
export class Preview2Host {
  readonly fuel: FuelGauge;
  readonly powers: Preview2Powers;
  /** Directories that are open from the start: absolute guest paths. */
  readonly preopens: readonly string[];
  readonly exactTimes: ExactTimes = new ExactTimes();
  /** Whether `poll` may hold the thread. */
  mayBlock = true;
  /** What the program finds as its arguments, its own name first. */
  args: readonly string[] = [];
  readonly #open: Set<Resource> = new Set();

  constructor(fuel: FuelGauge, powers: Preview2Powers, preopens: readonly string[]) {
    this.fuel = fuel;
    this.powers = powers;
    this.preopens = preopens;
  }

  /** Counts a resource that the guest gets a handle of; stops a guest that hoards them. */
  retain(resource: Resource): void {
    if (this.#open.size >= MAX_RESOURCES)
      this.fuel.stop({ kind: "trap", message: `more than ${MAX_RESOURCES} resources are open` });
    else this.#open.add(resource);
  }

  /** Whether the guest still has its handle. */
  holds(resource: Resource): boolean {
    return this.#open.has(resource);
  }

  release(resource: Resource): void {
    if (this.#open.delete(resource)) resource.close();
  }

  /** What the guest has handles of. */
  get open(): Iterable<Resource> {
    return this.#open;
  }

  /** Closes what the guest left open. */
  end(): void {
    for (const resource of this.#open) this.release(resource);
  }
}

/** Something that a guest holds a handle of. jco calls its disposal when the guest drops the handle. */
export abstract class Resource {
  readonly host: Preview2Host;

  constructor(host: Preview2Host) {
    this.host = host;
    host.retain(this);
  }

  /**
   * What it takes to make the same again, with numbers for the resources that it needs: see `resource-state.ts`.
   *
   * @throws WardianError "unsupported" for what cannot be carried
   */
  abstract capture(number: NumberOf): ResourceState;

  /** Called once, when the guest lets go or is gone. */
  close(): void {}

  [Symbol.dispose](): void {
    this.host.release(this);
  }
}
