/** What a guest driver sees of the tools: JSON text in, JSON text out, nothing live crosses. */
export interface ToolCalls {
  /** The names that the guest may call, in the order of the options. */
  readonly names: readonly string[];
  /**
   * Starts one call. `argumentsJson` is JSON text made in the guest: hostile, checked here for size and depth.
   * Never throws: a refused or failed call is an `error` reply.
   */
  call(name: string, argumentsJson: string): ToolReply;
}

/** The answer to a started call: there already (synchronous tool), failed, or to come under `id` as a {@link ToolSettlement}. */
export type ToolReply =
  | { readonly state: "value"; readonly json: string }
  | { readonly state: "error"; readonly name: string; readonly message: string }
  | { readonly state: "pending"; readonly id: number };

/** The end of a pending call, delivered to the guest by `GuestSession.resume`. */
export interface ToolSettlement {
  readonly id: number;
  readonly reply: Exclude<ToolReply, { readonly state: "pending" }>;
}
