import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import path from "node:path";
import type { Execution } from "../../../src/index.ts";

export interface Order {
  readonly letter: string;
  readonly id: string;
  /** Where the guests of the attack compute. Default: on the victim's own thread. */
  readonly execution?: Execution;
}

export interface Answer {
  /** What was not as it must be; absent if all was. */
  readonly problem?: string;
  /** The attack needs something that this execution does not have, such as `runSync`. */
  readonly inapplicable?: true;
}

/** What an attack came to. */
export type Outcome =
  | { readonly kind: "held" }
  /** It could not be tried: see {@link Answer.inapplicable}. */
  | { readonly kind: "inapplicable" }
  /** Something that must be true of any attack, or of this one, was not. */
  | { readonly kind: "breach"; readonly problem: string }
  /** The process did not come back: nothing in it could have stopped the guest any more. */
  | { readonly kind: "hang"; readonly problem: string }
  /** The process died. */
  | { readonly kind: "death"; readonly problem: string };

/** Several times what the slowest attack takes on a machine that does three things at once. */
const HANG_MS = 90_000;

/** A process to attack. A new one takes its place when it hangs or dies. */
export class VictimProcess {
  #child: ChildProcess | undefined;
  #said = "";

  async attempt(order: Order): Promise<Outcome> {
    const child = (this.#child ??= await this.#start());
    const outcome = await new Promise<Outcome>((resolve) => {
      const watchdog = setTimeout(
        () => resolve({ kind: "hang", problem: `no answer for ${HANG_MS / 1_000} s` }),
        HANG_MS,
      );
      const died = (code: number | null, signal: string | null): void =>
        resolve({ kind: "death", problem: `the process ended with ${String(code ?? signal)}: ${this.#said}` });
      child.once("message", ({ problem, inapplicable }: Answer) => {
        if (problem !== undefined) resolve({ kind: "breach", problem });
        else resolve({ kind: inapplicable === true ? "inapplicable" : "held" });
      });
      child.once("exit", died);
      child.send(order);
      this.#release = () => {
        clearTimeout(watchdog);
        child.removeAllListeners("message");
        child.removeListener("exit", died);
      };
    });
    this.#release();
    // A breach may have left anything behind: the next attack is tried on a clean process.
    if (outcome.kind !== "held" && outcome.kind !== "inapplicable") await this.close();
    return outcome;
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  #release: () => void = () => undefined;

  async #start(): Promise<ChildProcess> {
    this.#said = "";
    const child = fork(path.join(import.meta.dirname, "victim.ts"), [], {
      execArgv: ["--import", path.join(import.meta.dirname, "typescript-loader.mjs")],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#said = (this.#said + text).slice(-4_000)));
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", (code) => reject(new Error(`The victim did not start (${String(code)}): ${this.#said}`)));
    });
    child.removeAllListeners("exit");
    return child;
  }
}
