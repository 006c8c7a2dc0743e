import { CallFailure } from "../tool-error.ts";
import { jsonExcess } from "./json-bounds.ts";

/**
 * What a tool returned, as the JSON text that its guest gets: NaN and infinities become null, as JSON.stringify has it, and
 * undefined does too.
 *
 * @throws CallFailure for what JSON has no word for and what is too much.
 */
export function encodeResult(name: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (hostError) {
    throw new CallFailure(
      "invalid-result",
      `Tool "${name}" returned a value that is not JSON: ${hostError instanceof TypeError ? "it holds a cycle or a bigint" : "it cannot be read"}`,
      { hostError },
    );
  }
  // A function or a symbol has no JSON either.
  if (typeof json !== "string") return "null";
  const excess = jsonExcess(json);
  if (excess !== undefined)
    throw new CallFailure("invalid-result", `Tool "${name}" returned too much: its results ${excess}`);
  return json;
}
