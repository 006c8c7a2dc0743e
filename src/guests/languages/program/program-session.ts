import type { Completion } from "../../../engine/instance/fuel-gauge.ts";
import { WardianError } from "../../../errors.ts";
import { Preview1Host } from "../../../wasi/preview1/host/preview1-host.ts";
import { preview1Imports } from "../../../wasi/preview1/preview1-imports.ts";
import { PREVIEW1_MODULE } from "../../../wasi/preview1/signatures.ts";
import type { GuestContext, GuestError, GuestOutcome, GuestSession, GuestTurn, RunRequest } from "../../guest.ts";
import { isNearCap } from "../../module/memory-watch.ts";
import { instantiateModule } from "../../module/module-instance.ts";
import type { ModuleInstance } from "../../module/module-instance.ts";
import type { PreparedModule } from "../../module/prepare-module.ts";
import { HostFile } from "../host-file/host-file.ts";
import { readReport } from "../host-file/read-report.ts";
import { languageDevices } from "../language-devices.ts";
import { LastWords } from "./last-words.ts";
import type { ProgramDriver } from "./program.ts";

const encoder = new TextEncoder();

/** What a program's sessions share. */
export interface PreparedProgram {
  readonly driver: ProgramDriver;
  readonly module: PreparedModule;
  readonly prelude: Uint8Array;
}

/** A language whose interpreter is a program: each run is a process of its own. Nothing of it stays but the files. */
export class ProgramSession implements GuestSession {
  readonly #prepared: PreparedProgram;
  readonly #context: GuestContext;
  readonly #file: HostFile;
  #memoryBytes = 0;

  constructor(prepared: PreparedProgram, context: GuestContext) {
    this.#prepared = prepared;
    this.#context = context;
    const { capabilities, fuel, valueBytes } = context;
    this.#file = new HostFile({ tools: capabilities.tools, fuel, valueBytes });
  }

  start(request: RunRequest): GuestTurn {
    const { fuel, capabilities, mountPoints, valueBytes } = this.#context;
    const { driver, module, prelude } = this.#prepared;
    const path = `/${request.filename}`;
    const own = new Map([
      [driver.preludePath, prelude],
      [path, encoder.encode(request.source)],
    ]);
    const words = new LastWords(capabilities.output);
    const powers = { ...capabilities, output: words.output };
    const host = new Preview1Host(fuel, powers, languageDevices(this.#file, powers, own));
    this.#file.clear();
    let instance: ModuleInstance | undefined;
    const completion = fuel.enter(() => {
      host.begin({
        args: driver.args(path, request),
        env: capabilities.environment.env,
        preopens: mountPoints.includes("/") ? mountPoints : ["/", ...mountPoints],
      });
      instance = instantiateModule(module, { [PREVIEW1_MODULE]: preview1Imports(host) }, fuel);
      if (instance.memory !== undefined) host.attach(instance.memory);
      instance.start?.();
      const { _start: main } = instance.exports;
      if (typeof main === "function") (main as () => unknown)();
    });
    this.#memoryBytes = instance?.memory?.buffer.byteLength ?? 0;
    instance?.cell.release();
    host.end();
    const report = this.#file.takeReport();
    const reported = fuel.enter(() => readReport(report, valueBytes, () => fuel.check()));
    return turnOf(completion, reported.kind === "returned" ? reported.value : undefined, () =>
      driver.explain(words.text),
    );
  }

  resume(): GuestTurn {
    throw new WardianError("internal", "Cannot resume a program: it never waits");
  }

  reset(): void {
    this.#file.clear();
  }

  close(): void {
    this.#file.clear();
  }

  memoryBytes(): number {
    return this.#memoryBytes;
  }

  memoryRefused(): boolean {
    return isNearCap(this.#memoryBytes, this.#context.memoryBytes);
  }
}

/** What programs exit with that could not go on. */
const BROKEN = 255;

/** An error that was reported says more than the code or the trap that the program ended with. */
function turnOf(
  completion: Completion<unknown>,
  reported: GuestOutcome | undefined,
  explain: () => GuestError | undefined,
): GuestTurn {
  const code =
    completion.kind === "returned" ? 0 : completion.reason.kind === "exit" ? completion.reason.code : undefined;
  const broke =
    completion.kind === "stopped" && (completion.reason.kind === "trap" || completion.reason.kind === "unreachable");
  if (reported?.kind === "error" && (code !== undefined || broke)) return { state: "done", outcome: reported };
  const error = broke || code === BROKEN ? explain() : undefined;
  if (error !== undefined) return { state: "done", outcome: { kind: "error", error } };
  if (code === undefined && completion.kind === "stopped") return { state: "stopped", reason: completion.reason };
  if (code === undefined || code === 0)
    return { state: "done", outcome: reported ?? { kind: "value", value: undefined } };
  return { state: "done", outcome: { kind: "exit", code, orderly: true } };
}
