import type { ToolCallContext } from "./tool.ts";

/** What a tool's functions learn of a call. The signal is made when somebody asks: it costs more than the rest of a call. */
export class CallContext implements ToolCallContext {
  readonly tool: string;
  readonly id: number;
  readonly #signal: () => AbortSignal;

  constructor(tool: string, id: number, signal: () => AbortSignal) {
    this.tool = tool;
    this.id = id;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }
}
