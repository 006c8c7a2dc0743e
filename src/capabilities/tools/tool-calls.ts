/** What a guest driver sees of the tools: JSON text in, JSON text out, nothing live crosses. */
export interface ToolCalls {
  /** The names that the guest may call, in the order of the options. */
  readonly names: readonly string[];
  /**
   * Starts one call. `argumentsJson` is JSON text made in the guest: hostile, checked here for size and depth.
   * Never throws: a refused or failed call is an `error` reply.
   *
   * With `blocking` the guest's thread sleeps until the call has ended, if it may: the tool's own function is on another
   * one. Otherwise the reply of an asynchronous tool is `pending` all the same. Default: false.
   */
  call(name: string, argumentsJson: string, blocking?: boolean): ToolReply;
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
