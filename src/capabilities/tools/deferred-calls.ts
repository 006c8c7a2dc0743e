import { ToolError } from "./tool-error.ts";
import type { Tool } from "./tool.ts";

/** A tool call of a suspended run: whoever resumes the run gives its result. */
export interface PendingCall {
  /** Number of the call in its run: what an answer names. */
  readonly id: number;
  readonly tool: string;
  /** What the tool's function would have got, as JSON data. */
  readonly arguments: unknown;
}

/** A pending call as it is kept: its arguments are JSON text. */
export interface StoredCall {
  readonly id: number;
  readonly tool: string;
  readonly argumentsJson: string;
}

/** The calls of a run that are answered by its caller in place of the tools' own functions. */
export class DeferredCalls {
  readonly #waiting = new Map<number, StoredCall>();
  #wake: (() => void) | undefined;
  readonly #onDeferred: ((call: StoredCall) => void) | undefined;

  /** @param onDeferred told of each call that has begun to wait */
  constructor(onDeferred?: (call: StoredCall) => void) {
    this.#onDeferred = onDeferred;
  }

  /** The same tools, schemas and approvals included, whose functions only note that they were called. */
  wrap(tools: ReadonlyMap<string, Tool>): ReadonlyMap<string, Tool> {
    return new Map(
      Array.from(tools, ([name, tool]) => [
        name,
        { ...tool, run: (input, { id }) => this.defer({ id, tool: name, argumentsJson: textOf(name, input) }) },
      ]),
    );
  }

  /** Never resolves: the answer comes to another stretch of the run. */
  defer(call: StoredCall): Promise<never> {
    this.#waiting.set(call.id, call);
    this.#onDeferred?.(call);
    this.#wake?.();
    return new Promise<never>(() => undefined);
  }

  get calls(): readonly StoredCall[] {
    return [...this.#waiting.values()];
  }

  /** Whether a guest that waits for these calls waits for nothing but answers of the caller. */
  reached(callIds: readonly number[]): boolean {
    return callIds.length > 0 && callIds.every((id) => this.#waiting.has(id));
  }

  /** Resolves when that is so. One waiter at a time. */
  async whenReached(callIds: readonly number[]): Promise<void> {
    while (!this.reached(callIds)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A copy of its own for whoever asks: nothing done to it changes the call. */
export function pendingCall({ id, tool, argumentsJson }: StoredCall): PendingCall {
  return { id, tool, arguments: JSON.parse(argumentsJson) as unknown };
}

/** @throws ToolError for what a schema has made of the arguments and JSON cannot say */
function textOf(name: string, input: unknown): string {
  try {
    const text = JSON.stringify(input) as string | undefined;
    if (text !== undefined) return text;
  } catch {
    // Told below.
  }
  throw new ToolError(
    `The arguments of tool "${name}" cannot be kept while the run is suspended: they are not JSON data`,
  );
}
