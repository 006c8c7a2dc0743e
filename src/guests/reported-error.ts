import type { GuestError } from "./guest.ts";

/** Longest texts that are passed on; the preludes keep to less. */
const MAX_NAME = 1_000;
const MAX_TEXT = 100_000;

/** An error as a prelude reports it, in JSON. The text is hostile: `damaged` stands for one that is no such report. */
export function reportedError(text: string, damaged: GuestError): GuestError {
  const { name, message, traceback, line } = reportedFields(text);
  if (typeof name !== "string" || typeof message !== "string" || typeof traceback !== "string") return damaged;
  const error = {
    name: name.slice(0, MAX_NAME),
    message: message.slice(0, MAX_TEXT),
    traceback: traceback.slice(0, MAX_TEXT),
  };
  return typeof line === "number" && Number.isInteger(line) && line > 0 ? { ...error, line } : error;
}

/** The fields of a JSON object; none if the text is anything else. */
export function reportedFields(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return {};
  }
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
