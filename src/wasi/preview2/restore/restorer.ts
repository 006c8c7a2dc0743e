import type { Preview2Host, Resource } from "../host/preview2-host.ts";

/** The fields of a resource's state, which may be forged. */
export type Fields = Readonly<Record<string, unknown>>;

/** Finds, or makes, the resource of a number in the state that is read; undefined if there is none. */
export type ResourceAt = (number: unknown) => Resource | undefined;

/** Makes a resource of one kind again; undefined if its state is none of that kind. */
export type Restorer = (host: Preview2Host, state: Fields, at: ResourceAt) => Resource | undefined;

export function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

export function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}
