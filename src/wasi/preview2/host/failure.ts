/**
 * The error of a function that returns a `result`: jco lowers the own property `payload` of what is thrown. A plain
 * object, since making an Error costs a stack trace.
 */
export interface Failure<E> {
  readonly payload: E;
}

/** Ends an import with an error that the guest gets as a value. */
export function failWith(payload: unknown): never {
  const failure: Failure<unknown> = { payload };
  // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- what jco's glue expects
  throw failure;
}

/** Whether something thrown is such an error; anything else is a defect. */
export function isFailure(error: unknown): error is Failure<unknown> {
  return typeof error === "object" && error !== null && Object.hasOwn(error, "payload");
}
