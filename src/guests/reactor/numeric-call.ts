import type { ModuleDescription } from "../../engine/index.ts";
import { WardianError } from "../../errors.ts";
import type { GuestCall } from "../guest.ts";

const NUMBERS: ReadonlySet<string> = new Set(["i32", "i64", "f32", "f64"]);

/**
 * Checks that a call names an exported function and gives it as many numbers as it takes, each of its type: a bigint for
 * an i64, a number for the others. Nothing else crosses.
 *
 * @throws WardianError "invalid-value" or TypeError that names the function and what it takes.
 */
export function checkNumericCall({ exports }: ModuleDescription, { name, args }: GuestCall): void {
  const found = exports.find((item) => item.name === name && item.kind === "function");
  if (found === undefined)
    throw new WardianError("invalid-value", `Cannot call ${JSON.stringify(name)}: ${known(exports)}`);
  const [parameters, results] = found.type.split(" -> ").map(typesOf);
  if (
    parameters === undefined ||
    results === undefined ||
    ![...parameters, ...results].every((type) => NUMBERS.has(type))
  ) {
    throw new WardianError(
      "invalid-value",
      `Cannot call ${JSON.stringify(name)}: its type ${found.type} is not of numbers alone, and only numbers cross`,
    );
  }
  if (args.length !== parameters.length) {
    throw new TypeError(
      `Cannot call ${JSON.stringify(name)}: it takes ${parameters.length} numbers ${found.type}, not ${args.length}`,
    );
  }
  for (const [index, type] of parameters.entries()) {
    const wanted = type === "i64" ? "bigint" : "number";
    if (typeof args[index] !== wanted)
      throw new TypeError(
        `Cannot call ${JSON.stringify(name)}: argument ${index + 1} is an ${type}, so it must be a ${wanted}`,
      );
  }
}

function typesOf(list: string): readonly string[] {
  const inner = list.slice(1, -1);
  return inner === "" ? [] : inner.split(", ");
}

/** Functions that a message lists; a module may export a million. */
const MAX_LISTED = 20;

function known(exports: ModuleDescription["exports"]): string {
  const names = exports.flatMap(({ kind, name }) => (kind === "function" ? [JSON.stringify(name.slice(0, 80))] : []));
  if (names.length === 0) return "the module exports no function";
  const more = names.length > MAX_LISTED ? ", …" : "";
  return `the module exports no such function; it exports ${names.slice(0, MAX_LISTED).join(", ")}${more}`;
}
