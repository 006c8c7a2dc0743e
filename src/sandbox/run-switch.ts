import type { InputSource } from "../capabilities/environment.ts";
import { HTTP_ERROR } from "../capabilities/network/http-calls.ts";
import type { HttpCalls } from "../capabilities/network/http-calls.ts";
import type { ToolCalls, ToolReply } from "../capabilities/tools/tool-calls.ts";

/** The powers that belong to one run. */
export interface RunPowers {
  readonly input: InputSource;
  readonly tools: ToolCalls;
  readonly http: HttpCalls;
}

/**
 * Stands between a long-lived guest and the powers of the run in progress.
 * Between runs everything answers with nothing: a guest that is entered late reads nothing and calls nobody.
 */
export class RunSwitch {
  #current: RunPowers | undefined;
  readonly input: InputSource = { read: (into) => bounded(this.#current?.input.read(into) ?? 0, into.length) };
  readonly tools: ToolCalls;
  readonly http: HttpCalls = {
    start: (json, body, blocking) => this.#current?.http.start(json, body, blocking) ?? NO_RUN_HTTP,
    read: (id, maxBytes) => this.#current?.http.read(id, maxBytes) ?? NO_RUN_HTTP,
    cancel: (id) => this.#current?.http.cancel(id),
  };

  constructor(toolNames: readonly string[]) {
    this.tools = {
      names: toolNames,
      call: (name, json, blocking) => this.#current?.tools.call(name, json, blocking) ?? NO_RUN,
    };
  }

  set(powers: RunPowers | undefined): void {
    this.#current = powers;
  }
}

/** A caller's own source may answer anything: what is no count of bytes is the end of the input. */
function bounded(count: number, room: number): number {
  return Number.isInteger(count) && count >= 0 ? Math.min(count, room) : 0;
}

const NO_RUN: ToolReply = { state: "error", name: "ToolError", message: "No run is in progress" };
const NO_RUN_HTTP = { state: "error", name: HTTP_ERROR.failed, message: "No run is in progress" } as const;
