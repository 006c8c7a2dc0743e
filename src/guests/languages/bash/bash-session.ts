import type { ToolSettlement } from "../../../capabilities/tools/tool-calls.ts";
import type {
  GuestContext,
  GuestError,
  GuestOutcome,
  GuestSession,
  GuestTurn,
  RunRequest,
  YieldingSession,
} from "../../guest.ts";

/** What the prelude answers for a run. */
interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** With one item if the script gave the run a value. */
  readonly value: readonly unknown[] | undefined;
}

const encoder = new TextEncoder();

/** A shell in a JavaScript guest: each run is one of its own, over the same files. */
export class BashSession implements GuestSession {
  readonly #inner: GuestSession;
  readonly #context: GuestContext;
  readonly yielding: YieldingSession | undefined;

  constructor(inner: GuestSession, context: GuestContext) {
    this.#inner = inner;
    this.#context = context;
    const { yielding } = inner;
    this.yielding = yielding && {
      start: async (request) => this.#turn(await yielding.start(this.#request(request))),
      resume: async (settlements) => this.#turn(await yielding.resume(settlements)),
    };
  }

  prepare(): void {
    this.#inner.prepare?.();
  }

  start(request: RunRequest): GuestTurn {
    return this.#turn(this.#inner.start(this.#request(request)));
  }

  resume(settlements: readonly ToolSettlement[]): GuestTurn {
    return this.#turn(this.#inner.resume(settlements));
  }

  reset(): void {
    this.#inner.reset();
  }

  close(): void {
    this.#inner.close();
  }

  memoryBytes(): number {
    return this.#inner.memoryBytes();
  }

  memoryRefused(): boolean {
    return this.#inner.memoryRefused();
  }

  #request({ source, filename, args }: RunRequest): RunRequest {
    const { environment, input } = this.#context.capabilities;
    const env = Object.fromEntries(environment.env);
    const request = JSON.stringify({ source, args, env, stdin: readAll(input) });
    return { source: `await globalThis[Symbol.for("wardian.bash")](${request})`, filename: `${filename}.js`, args: [] };
  }

  #turn(turn: GuestTurn): GuestTurn {
    return turn.state === "done" && turn.outcome.kind === "value"
      ? { state: "done", outcome: this.#conclude(turn.outcome.value) }
      : turn;
  }

  /** What comes from the guest may be forged: anything else than a result is no result. */
  #conclude(value: unknown): GuestOutcome {
    const { stdout, stderr, exitCode, value: said } = (value ?? {}) as Partial<ShellResult>;
    const { output } = this.#context.capabilities;
    if (typeof stdout === "string") output.write("stdout", encoder.encode(stdout));
    if (typeof stderr === "string") output.write("stderr", encoder.encode(stderr));
    if (typeof exitCode !== "number" || exitCode === 0)
      return { kind: "value", value: Array.isArray(said) ? (said[0] as unknown) : undefined };
    // The shell makes an error of the command's of the engine's own.
    if (this.memoryRefused()) return { kind: "error", error: OUT_OF_MEMORY };
    return { kind: "exit", code: exitCode & 0xff, orderly: true };
  }
}

const OUT_OF_MEMORY: GuestError = {
  name: "MemoryError",
  message: "out of memory",
  traceback: "bash: out of memory\n",
};

/** A shell reads its input before it begins. */
function readAll(input: GuestContext["capabilities"]["input"]): string {
  const decoder = new TextDecoder();
  const into = new Uint8Array(65_536);
  let text = "";
  for (let count = input.read(into); count > 0; count = input.read(into))
    text += decoder.decode(into.subarray(0, count), { stream: true });
  return text + decoder.decode();
}
