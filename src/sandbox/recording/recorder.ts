import { recordClock, traitsOf } from "../../capabilities/recording/clock-tape.ts";
import { fileSystemTraits, recordFiles } from "../../capabilities/recording/files-tape.ts";
import type { FileSystem } from "../../capabilities/files/file-system.ts";
import { recordHttp } from "../../capabilities/recording/http-tape.ts";
import { recordInput } from "../../capabilities/recording/input-tape.ts";
import { recordRandom } from "../../capabilities/recording/random-tape.ts";
import { recordTools, writeSettlements } from "../../capabilities/recording/tools-tape.ts";
import { HostWork } from "../../capabilities/recording/host-work.ts";
import { EVENT } from "../../capabilities/recording/events.ts";
import { TapeWriter } from "../../capabilities/recording/tape-writer.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import type { FinalTurn } from "../../execution/execution.ts";
import type { GuestCapabilities, GuestSession, GuestTurn } from "../../guests/guest.ts";
import type { CallsReport, RunCalls, RunCallsSettings } from "../local/run-calls.ts";
import type { RunResult } from "../result.ts";
import type { Boundary, SandboxFacts } from "./boundary.ts";
import { guestMark } from "./guest-mark.ts";
import { encodeRecording, encodeRun } from "./recording-file.ts";
import type { RecordedStop, RunHead, RunTail } from "./recording.ts";
import { encodeHead, encodeRunHead, encodeRunTail } from "./recording-json.ts";
import { abortText } from "../conclude.ts";
import { resultDigest } from "./result-digest.ts";
import { WatchedGauge } from "./watched-gauge.ts";
import type { GaugeWatcher } from "./watched-gauge.ts";

/** Takes down the runs of one sandbox since its creation or its last reset. */
export class Recorder implements Boundary, GaugeWatcher {
  readonly #tape: TapeWriter;
  readonly #work: HostWork = new HostWork();
  readonly #maxBytes: number;
  #gauge: FuelGauge | undefined;
  #head = "";
  #runs: Uint8Array[] = [];
  #bytes = 0;
  #complete = true;
  #run: RunInProgress | undefined;

  /** A recording that would be longer than `maxBytes` is given up until the next reset. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#tape = new TapeWriter(maxBytes);
  }

  guestGauge(gauge: FuelGauge): FuelGauge {
    this.#gauge = gauge;
    return new WatchedGauge(gauge, this);
  }

  mounts(mounts: ReadonlyMap<string, FileSystem>): ReadonlyMap<string, FileSystem> {
    return new Map([...mounts].map(([path, fileSystem]) => [path, recordFiles(fileSystem, this.#tape)]));
  }

  capabilities(capabilities: GuestCapabilities): GuestCapabilities {
    const { clock, random, input, tools, http } = capabilities;
    return {
      ...capabilities,
      clock: recordClock(clock, this.#tape),
      random: recordRandom(random, this.#tape),
      input: recordInput(input, this.#tape),
      tools: recordTools(tools, this.#tape, this.#work),
      http: http === undefined ? undefined : recordHttp(http, this.#tape, this.#work),
    };
  }

  async created({ host, options, clock, random, mounts, network, createdMs }: SandboxFacts): Promise<void> {
    const { language } = options;
    this.#head = encodeHead({
      engine: await guestMark(options, host.platform),
      language,
      limits: options.limits,
      env: [...options.environment.env],
      args: options.environment.args,
      tools: [...options.tools.keys()],
      network,
      mounts: [...mounts].map(([path, fileSystem]) => [path, fileSystemTraits(fileSystem)] as const),
      createdMs,
      clock: traitsOf(clock),
      random: random.kind,
    });
  }

  /** `session` with what it is resumed with noted. Everything else of it goes through. */
  session(session: GuestSession): GuestSession {
    const turn = (made: GuestTurn): GuestTurn => {
      if (this.#run !== undefined) this.#run.lastTurn = made;
      return made;
    };
    const start: GuestSession["start"] = (request) => turn(session.start(request));
    const resume: GuestSession["resume"] = (settlements) => {
      this.#tape.event(EVENT.resume, (out) => {
        this.#work.write(out);
        writeSettlements(out, settlements);
      });
      return turn(session.resume(settlements));
    };
    return new Proxy(session, {
      get: (inner, name) => {
        if (name === "start") return start;
        if (name === "resume") return resume;
        const value: unknown = Reflect.get(inner, name, inner);
        return typeof value === "function" ? (value.bind(inner) as unknown) : value;
      },
    });
  }

  /** The calls of a run, what they charge noted, and what they come to. */
  calls(open: (settings: RunCallsSettings) => RunCalls): (settings: RunCallsSettings) => RunCalls {
    return (settings) => {
      const { fuel } = settings;
      const charge = this.#work.counting((units) => fuel.charge(units));
      const calls = open({
        ...settings,
        fuel: {
          charge,
          remainingMs: () => fuel.remainingMs(),
          get used() {
            return fuel.used;
          },
        },
      });
      return {
        ...calls,
        report: () => {
          const report = calls.report();
          if (this.#run !== undefined) this.#run.report = report;
          return report;
        },
      };
    };
  }

  check(gauge: FuelGauge): boolean {
    const stoppingBefore = gauge.stopping;
    const goOn = gauge.check();
    const stopped = !goOn && !stoppingBefore;
    if (stopped && this.#run !== undefined) this.#run.stoppedByCheck = true;
    this.#tape.check(stopped);
    return goOn;
  }

  remainingMs(gauge: FuelGauge): number {
    const ms = gauge.remainingMs();
    const run = this.#run;
    if (run?.head.softMs !== undefined && run.softUsed === undefined && !gauge.stopping && ms <= run.head.softMs)
      run.softUsed = gauge.used;
    return ms;
  }

  begin(head: RunHead): void {
    this.#run = { head };
    this.#work.take();
    this.#tape.begin();
  }

  /** The guest has done its last: nothing that is asked for from here on is its own doing. */
  seal(): void {
    const run = this.#run;
    if (run === undefined) return;
    run.work = this.#work.take();
    run.stoppedAt = this.#gauge?.stoppedAt;
    run.tape = this.#tape.take();
  }

  /** Ends the run. The recording of all runs until now; undefined if it would be too long. */
  end(turn: FinalTurn, result: RunResult): Uint8Array | undefined {
    const run = this.#run;
    this.#run = undefined;
    if (run === undefined || !this.#complete) return undefined;
    const { head, tape, report } = run;
    if (tape === undefined || report === undefined) return this.#giveUp();
    const tail: RunTail = {
      stop: stopOf(turn, run),
      softUsed: run.softUsed,
      work: run.work ?? [],
      fuel: result.usage.fuel,
      digest: resultDigest(result),
      calls: report,
    };
    const runHead = headOf(head);
    if (runHead === undefined) return this.#giveUp();
    const encoded = encodeRun({ head: runHead, tail: encodeRunTail(tail), tape });
    this.#bytes += encoded.length;
    if (this.#bytes > this.#maxBytes) return this.#giveUp();
    this.#runs.push(encoded);
    return encodeRecording(this.#head, this.#runs);
  }

  /** The sandbox is as it was after its creation: a new recording begins. */
  restart(): void {
    this.#runs = [];
    this.#bytes = 0;
    this.#complete = true;
  }

  /** Without this run the next ones cannot be replayed either. */
  #giveUp(): undefined {
    this.#complete = false;
    this.#runs = [];
  }
}

/** Undefined for a call with something that is no data, such as a handle, which cannot be given again. */
function headOf(head: RunHead): string | undefined {
  try {
    return encodeRunHead(head);
  } catch {
    return undefined;
  }
}

interface RunInProgress {
  readonly head: RunHead;
  lastTurn?: GuestTurn;
  stoppedByCheck?: true;
  softUsed?: number;
  work?: readonly number[];
  stoppedAt?: number | undefined;
  tape?: Uint8Array | undefined;
  report?: CallsReport;
}

function stopOf(turn: FinalTurn, run: RunInProgress): RecordedStop | undefined {
  if (turn.state !== "stopped") return undefined;
  const { reason } = turn;
  if (reason.kind !== "time" && reason.kind !== "abort") return undefined;
  const stop =
    reason.kind === "time"
      ? { kind: reason.kind, allowedMs: reason.allowedMs }
      : { kind: reason.kind, reason: abortText(reason.reason) };
  const { lastTurn } = run;
  if (lastTurn === undefined) return { ...stop, at: "before" };
  if (lastTurn.state === "waiting") return { ...stop, at: "wait" };
  const stopped = lastTurn.state === "stopped" && (lastTurn.reason.kind === "time" || lastTurn.reason.kind === "abort");
  if (!stopped) return { ...stop, at: "after" };
  if (run.stoppedByCheck) return { ...stop, at: "check" };
  return { ...stop, at: "look", used: run.stoppedAt ?? 0 };
}
