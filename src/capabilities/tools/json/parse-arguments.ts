import { CallFailure } from "../tool-error.ts";
import { jsonExcess } from "./json-bounds.ts";
import { takePrototypes } from "./take-prototypes.ts";

/**
 * The guest's arguments: one object of JSON data, without prototypes. All of the text is the guest's to forge.
 *
 * @throws CallFailure for what is too much, not JSON, or not an object, and when `mayGoOn` says that the run is over.
 */
export function parseArguments(name: string, json: string, mayGoOn: () => boolean): object {
  const excess = jsonExcess(json);
  if (excess !== undefined) throw invalid(`The arguments of tool "${name}" ${excess}`);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid(`The arguments of tool "${name}" are not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(`The arguments of tool "${name}" must be one object`);
  if (!takePrototypes(value, mayGoOn)) throw invalid(`The run ended before tool "${name}" was called`);
  return value;
}

function invalid(message: string): CallFailure {
  return new CallFailure("invalid-arguments", message);
}
