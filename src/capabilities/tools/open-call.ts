import type { LogEntry } from "./audit/call-log.ts";
import type { CallBudget } from "./call-budget.ts";
import type { CallScope } from "./tool-call.ts";
import type { Tool, ToolCallContext } from "./tool.ts";

/** Characters of an approver's name that the log keeps. */
const MAX_APPROVER = 128;

/** What the calls of one ledger share. */
export interface OpenCallLedger {
  readonly budget: CallBudget;
  readonly closed: boolean;
}

/** A call between its arguments and its result. One object a call, where a closure for each of its powers would cost more than the tool. */
export class OpenCall implements CallScope {
  readonly context: ToolCallContext;
  readonly #entry: LogEntry;
  readonly #tool: Tool;
  readonly #ledger: OpenCallLedger;
  #givenUp = false;

  constructor(entry: LogEntry, tool: Tool, context: ToolCallContext, ledger: OpenCallLedger) {
    this.context = context;
    this.#entry = entry;
    this.#tool = tool;
    this.#ledger = ledger;
  }

  get live(): boolean {
    return !this.#givenUp && !this.#ledger.closed;
  }

  /** The guest was told that it cannot wait for this call. */
  giveUp(): void {
    this.#givenUp = true;
  }

  pay(): void {
    this.#ledger.budget.pay(this.#entry.tool, this.#tool.maxCalls);
  }

  approved(by: string): void {
    this.#entry.approvedBy = by.length > MAX_APPROVER ? `${by.slice(0, MAX_APPROVER)}…` : by;
  }
}
