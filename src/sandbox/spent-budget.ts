import type { GuestError } from "../guests/guest.ts";
import type { LimitName } from "./result.ts";

/** What a guest asked for above a budget of its calls: that budget, by its limit. */
export interface ExhaustedCalls {
  /** More tool calls than a budget allows. */
  readonly tools: number | undefined;
  /** More of the network. */
  readonly network: number | undefined;
}

/** The budget that an uncaught error tells of: the caller's limit, not the guest's mistake. */
export function spentBudget(
  error: GuestError,
  { tools, network }: ExhaustedCalls,
): { readonly limit: LimitName; readonly allowed: number } | undefined {
  if (tools !== undefined && isToolLimit(error)) return { limit: "tools", allowed: tools };
  if (network !== undefined && isNetworkLimit(error)) return { limit: "network", allowed: network };
  return undefined;
}

/** The ledgers' own words; a guest that forges them, after it was refused, only chooses between two names for its end. */
function isToolLimit(error: GuestError): boolean {
  return error.name.endsWith("ToolLimitError");
}

function isNetworkLimit(error: GuestError): boolean {
  return error.message.includes("The network limit is reached");
}
