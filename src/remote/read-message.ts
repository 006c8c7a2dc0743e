import type { PortableError } from "./portable-error.ts";
import type { GuestMessage, Question } from "./protocol.ts";

/** Checks a message from a worker, whose guest may have broken out there. Undefined: it is none. */
export function readMessage(message: unknown): GuestMessage | undefined {
  const { kind, id, value, error, chunk, run, request, name } = fieldsOf(message);
  switch (kind) {
    case "returned":
      return isCount(id) ? { kind, id, value } : undefined;
    case "threw":
      return isCount(id) ? { kind, id, error: readError(error) } : undefined;
    case "output": {
      const { stream, text, bytes } = fieldsOf(chunk);
      if ((stream !== "stdout" && stream !== "stderr") || typeof text !== "string" || !(bytes instanceof Uint8Array))
        return undefined;
      return { kind, chunk: { stream, text, bytes } };
    }
    case "want-module":
      return typeof name === "string" ? { kind, name } : undefined;
    case "cancel":
      return isCount(run) && isCount(request) ? { kind, run, request } : undefined;
    default:
      return undefined;
  }
}

/** The same for a question. */
export function readQuestion(question: unknown): Question | undefined {
  const { power, run, name, json, body, blocking, remainingMs, request, maxBytes, fuelUsed } = fieldsOf(question);
  if (!isCount(run)) return undefined;
  switch (power) {
    case "tool":
      if (typeof name !== "string" || typeof json !== "string" || typeof fuelUsed !== "number") return undefined;
      return { power, run, name, json, blocking: blocking === true, fuelUsed };
    case "http-start":
      if (typeof json !== "string" || !(body instanceof Uint8Array) || typeof remainingMs !== "number")
        return undefined;
      return { power, run, json, body, blocking: blocking === true, remainingMs };
    case "http-read":
      return isCount(request) && isCount(maxBytes) ? { power, run, request, maxBytes } : undefined;
    case "input":
      return isCount(maxBytes) ? { power, run, maxBytes } : undefined;
    default:
      return undefined;
  }
}

function readError(error: unknown): PortableError {
  const { type, code, message } = fieldsOf(error);
  return {
    type: type === "wardian" || type === "type" || type === "range" ? type : "other",
    code: typeof code === "string" ? code : undefined,
    message: typeof message === "string" ? message.slice(0, MAX_MESSAGE) : "unknown",
  };
}

const MAX_MESSAGE = 10_000;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
