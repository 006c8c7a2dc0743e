import type { FileSystem } from "../../capabilities/files/file-system.ts";
import { replayHostWork } from "../../capabilities/recording/host-work.ts";
import { replayHttp } from "../../capabilities/recording/http-tape.ts";
import type { TapeReader } from "../../capabilities/recording/tape-reader.ts";
import { readSettlements, replayTools } from "../../capabilities/recording/tools-tape.ts";
import { EVENT } from "../../capabilities/recording/events.ts";
import type { ToolSettlement } from "../../capabilities/tools/tool-calls.ts";
import type { FuelGauge, StopReason } from "../../engine/instance/fuel-gauge.ts";
import type { GuestCapabilities, GuestSession } from "../../guests/guest.ts";
import type { RunCalls, RunCallsSettings } from "../local/run-calls.ts";
import type { Boundary } from "./boundary.ts";
import type { RunTail } from "./recording.ts";
import { WatchedGauge } from "./watched-gauge.ts";
import type { GaugeWatcher } from "./watched-gauge.ts";

/** A recorded run while it is replayed. */
export interface ReplayedRun {
  readonly tape: TapeReader;
  readonly tail: RunTail;
}

/**
 * Plays the host to a replayed guest: time and chance, calls and stops, all from the tape.
 *
 * The gauge's own clock is part of the play. It stands at zero, and at infinity once as much fuel was used as when the
 * recorded run was stopped, so that the gauge stops the guest at the very same look.
 */
export class Replayer implements Boundary, GaugeWatcher {
  readonly #outOfTime: () => boolean;
  readonly #tools: readonly string[];
  #gauge: FuelGauge | undefined;
  #run: ReplayedRun | undefined;
  #armed = false;

  /** `outOfTime` says whether the replay itself has taken too long. */
  constructor(tools: readonly string[], outOfTime: () => boolean) {
    this.#tools = tools;
    this.#outOfTime = outOfTime;
  }

  /** The tape of the run in progress. */
  readonly tape = (): TapeReader | undefined => this.#run?.tape;

  load(run: ReplayedRun): void {
    this.#run = run;
    this.#armed = false;
  }

  readonly now = (): number => {
    if (!this.#armed || this.#run === undefined) return 0;
    const { tape, tail } = this.#run;
    // Whatever a guest does behind a divergence is of no interest.
    if (tape.failure !== undefined || this.#outOfTime()) return Number.POSITIVE_INFINITY;
    const used = this.#gauge?.used ?? 0;
    return tail.stop?.at === "look" && used >= tail.stop.used ? Number.POSITIVE_INFINITY : 0;
  };

  guestGauge(gauge: FuelGauge): FuelGauge {
    this.#gauge = gauge;
    return new WatchedGauge(gauge, this);
  }

  check(gauge: FuelGauge): boolean {
    if (gauge.stopping || this.#run === undefined) return false;
    const { tape, tail } = this.#run;
    if (this.#outOfTime()) gauge.stop({ kind: "time", allowedMs: 0 });
    else if (tape.check() && tail.stop !== undefined) gauge.stop(stopReason(tail.stop));
    return !gauge.stopping;
  }

  remainingMs(gauge: FuelGauge): number {
    const softUsed = this.#run?.tail.softUsed;
    return softUsed !== undefined && gauge.used >= softUsed ? 0 : Number.POSITIVE_INFINITY;
  }

  /** What the guest was told when it went on after a wait; what came in meanwhile is charged. */
  takeResume(): readonly ToolSettlement[] {
    const run = this.#run;
    if (run === undefined) return [];
    return run.tape.take(EVENT.resume, (payload) => {
      replayHostWork(payload, (units) => this.#charge(units));
      return readSettlements(payload);
    });
  }

  /** Charges what came behind the last input. */
  chargeRest(): void {
    for (const units of this.#run?.tail.work ?? []) this.#charge(units);
  }

  calls(): (settings: RunCallsSettings) => RunCalls {
    return (settings) => {
      const { tail } = this.#run ?? {};
      const charge = (units: number): boolean => settings.fuel.charge(units);
      return {
        tools: replayTools(this.#tools, this.tape, charge),
        http: replayHttp(this.tape, charge),
        pending: { takeSettled: () => [], nextSettlement: () => Promise.resolve() },
        close: () => undefined,
        report: () => tail?.calls ?? NO_CALLS,
        takeFailure: () => undefined,
      };
    };
  }

  /** The budget is armed: from here on the clock is the recorded run's. */
  begin(): void {
    this.#armed = true;
  }

  /** Between runs nothing is on a tape. */
  seal(): void {
    this.#run = undefined;
  }

  mounts(mounts: ReadonlyMap<string, FileSystem>): ReadonlyMap<string, FileSystem> {
    return mounts;
  }

  capabilities(capabilities: GuestCapabilities): GuestCapabilities {
    return capabilities;
  }

  session(session: GuestSession): GuestSession {
    return session;
  }

  created(): Promise<void> {
    return Promise.resolve();
  }

  end(): undefined {
    return undefined;
  }

  restart(): void {}

  #charge(units: number): boolean {
    return this.#gauge?.charge(units) ?? false;
  }
}

const NO_CALLS: ReturnType<RunCalls["report"]> = {
  calls: [],
  omittedCalls: 0,
  requests: [],
  denials: [],
  exhausted: { tools: undefined, network: undefined },
  usage: { toolCalls: 0, requests: 0, networkBytes: 0 },
};

/** A recorded stop as the gauge says it. */
export function stopReason(stop: NonNullable<RunTail["stop"]>): StopReason {
  return stop.kind === "time" ? { kind: "time", allowedMs: stop.allowedMs } : { kind: "abort", reason: stop.reason };
}
