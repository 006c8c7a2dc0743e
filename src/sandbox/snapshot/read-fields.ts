import { WardianError } from "../../errors.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** @throws WardianError "invalid-snapshot" for anything but a record */
export function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw new WardianError("invalid-snapshot", "Cannot read a snapshot: a part of it is no record");
  return value as Fields;
}

/** @throws WardianError "invalid-snapshot" for anything but a list */
export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value))
    throw new WardianError("invalid-snapshot", "Cannot read a snapshot: a part of it is no list");
  return value as unknown[];
}

export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
