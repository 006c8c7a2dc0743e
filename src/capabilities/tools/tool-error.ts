/** Thrown by a tool's `run` or `approve` to tell the guest why the call failed: the message is sent to the guest as it is. */
export class ToolError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "ToolError";
  }
}

/** Whatever a host function throws may come here: a revoked proxy throws when it is asked for its class. */
export function isCallFailure(error: unknown): error is CallFailure {
  try {
    return error instanceof CallFailure;
  } catch {
    return false;
  }
}

/** The message of a ToolError, which was written for the guest's eyes; undefined for whatever else a host function throws. */
export function chosenMessage(error: unknown): string | undefined {
  try {
    if (!(error instanceof ToolError)) return undefined;
    const { message } = error as { readonly message: unknown };
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined; // A proxy, or a getter that throws.
  }
}

/**
 * The errors that a guest can tell apart, by class name. All are subclasses of `ToolError` there; `code` is the
 * property of that name. What the tool itself threw is a plain `ToolError` with code "failed".
 */
export const GUEST_ERROR = {
  failed: "ToolError",
  denied: "ToolDeniedError",
  limit: "ToolLimitError",
  unknown: "ToolNotFoundError",
  "invalid-arguments": "ToolArgumentError",
  "invalid-result": "ToolResultError",
} as const;

/** Why a call did not give a value. */
export type FailureCode = keyof typeof GUEST_ERROR;

/** Ends a call with an error of the guest's. Never leaves this room. */
export class CallFailure extends Error {
  readonly code: FailureCode;
  /** What the host finds in the record; the message if undefined. */
  readonly hostError: unknown;
  /** The rule that denied the call, if one did. */
  readonly rule: string | undefined;

  constructor(
    code: FailureCode,
    message: string,
    { hostError, rule }: { readonly hostError?: unknown; readonly rule?: string } = {},
  ) {
    super(message);
    this.name = "CallFailure";
    this.code = code;
    this.hostError = hostError;
    this.rule = rule;
  }
}
