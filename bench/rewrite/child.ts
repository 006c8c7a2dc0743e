// One rewrite in a process of its own: child.js hostile <shape> <bytes> | child.js npm <file> <rounds>
import { readFileSync } from "node:fs";
import { meter } from "../../src/engine/index.ts";
import { answer } from "../harness/child.ts";
import { cpuMs } from "../harness/cpu-time.ts";
import { harmlessModule, HOSTILE_MODULES } from "./hostile-modules.ts";

/** What became of one hostile module. */
export interface HostileOutcome {
  readonly bytes: number;
  /** CPU time, the collector's threads included: on a quiet machine no less than the wall clock says. */
  readonly ms: number;
  readonly wallMs: number;
  readonly peakBytes: number;
  /** "metered", or the code of the refusal. */
  readonly outcome: string;
  readonly outputBytes: number;
  /** Whether the engine takes a small module of the same shape, as given and as rewritten. (A large one can keep it busy for minutes.) */
  readonly validBefore: boolean;
  readonly validAfter: boolean;
}

/** Stands for the harmless module among the shapes. */
const CONTROL = "control";

const SMALL_BYTES = 20e3;

const [kind = "", what = "", amount = ""] = process.argv.slice(2);
answer(kind === "hostile" ? hostile(what, Number(amount)) : npmModule(what, Number(amount)));

function hostile(shape: string, size: number): HostileOutcome {
  const make = shape === CONTROL ? harmlessModule : HOSTILE_MODULES.get(shape);
  if (make === undefined) throw new Error(`There is no hostile shape "${shape}"`);
  const bytes = make(size);
  globalThis.gc?.();
  const wallStarted = performance.now();
  const started = cpuMs();
  const { output, outcome } = tryMeter(bytes);
  const ms = cpuMs() - started;
  const wallMs = performance.now() - wallStarted;
  // In kilobytes on every system that Node runs on.
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const small = make(SMALL_BYTES);
  const rewritten = tryMeter(small).output;
  return {
    bytes: bytes.length,
    ms,
    wallMs,
    peakBytes,
    outcome,
    outputBytes: output?.length ?? 0,
    validBefore: WebAssembly.validate(small),
    validAfter: rewritten === undefined || WebAssembly.validate(rewritten),
  };
}

function tryMeter(bytes: Uint8Array): { readonly output?: Uint8Array<ArrayBuffer>; readonly outcome: string } {
  try {
    return { output: meter(bytes).bytes, outcome: "metered" };
  } catch (error) {
    return { outcome: error instanceof Error && "code" in error ? String(error.code) : `thrown: ${String(error)}` };
  }
}

/** CPU milliseconds of the first rewrite in the process and of each later one. */
function npmModule(
  file: string,
  rounds: number,
): { readonly bytes: number; readonly outputBytes: number; readonly cpuMs: readonly number[] } {
  const bytes = Uint8Array.from(readFileSync(file));
  const times: number[] = [];
  let outputBytes = 0;
  for (let round = 0; round < rounds; round++) {
    const started = cpuMs();
    outputBytes = meter(bytes).bytes.length;
    times.push(cpuMs() - started);
  }
  return { bytes: bytes.length, outputBytes, cpuMs: times };
}
