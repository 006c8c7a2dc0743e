import { WardianError } from "../errors.ts";
import type { WardianErrorCode } from "../errors.ts";

/** An error of ours as data. Stack traces stay where they were made. */
export interface PortableError {
  readonly type: "wardian" | "type" | "range" | "other";
  readonly code?: string | undefined;
  readonly message: string;
}

export function toPortable(error: unknown): PortableError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof WardianError) return { type: "wardian", code: error.code, message };
  if (error instanceof TypeError) return { type: "type", message };
  return { type: error instanceof RangeError ? "range" : "other", message };
}

/** The same kind of error again; what is none of them is a defect at the other end. */
export function fromPortable(error: PortableError): Error {
  const { message } = error;
  switch (error.type) {
    case "wardian":
      return new WardianError((error.code ?? "internal") as WardianErrorCode, message);
    case "type":
      return new TypeError(message);
    case "range":
      return new RangeError(message);
    default:
      return new WardianError("internal", message);
  }
}
