import type { InputSource } from "../capabilities/environment.ts";
import type { ToolCalls, ToolReply } from "../capabilities/tools/tool-calls.ts";

/** The powers that belong to one run. */
export interface RunPowers {
  readonly input: InputSource;
  readonly tools: ToolCalls;
}

/**
 * Stands between a long-lived guest and the powers of the run in progress.
 * Between runs everything answers with nothing: a guest that is entered late reads nothing and calls nobody.
 */
export class RunSwitch {
  #current: RunPowers | undefined;
  readonly input: InputSource = { read: (into) => this.#current?.input.read(into) ?? 0 };
  readonly tools: ToolCalls;

  constructor(toolNames: readonly string[]) {
    this.tools = { names: toolNames, call: (name, json) => this.#current?.tools.call(name, json) ?? NO_RUN };
  }

  set(powers: RunPowers | undefined): void {
    this.#current = powers;
  }
}

const NO_RUN: ToolReply = { state: "error", name: "ToolError", message: "No run is in progress" };
