import { WardianError } from "../../errors.ts";
import type { MeterOptions } from "./options.ts";

/** @throws WardianError `invalid-option` */
export function checkOptions(options: MeterOptions): void {
  const { memoryMaxBytes, tableMaxElements, stackLimit, mode } = options;
  if (mode !== undefined && mode !== "optimized" && mode !== "exact") {
    throw new WardianError("invalid-option", `Cannot meter module: option "mode" is neither "optimized" nor "exact"`);
  }
  if (options.stackImport !== undefined && (options.fuelImport === undefined || stackLimit === undefined)) {
    throw new WardianError(
      "invalid-option",
      `Cannot meter module: option "stackImport" needs the options "fuelImport" and "stackLimit"`,
    );
  }
  if (mode === "exact" && stackLimit !== undefined) {
    throw new WardianError("invalid-option", `Cannot meter module: option "stackLimit" needs the mode "optimized"`);
  }
  for (const [name, value] of Object.entries({ memoryMaxBytes, tableMaxElements })) {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
      throw new WardianError(
        "invalid-option",
        `Cannot meter module: option "${name}" is not a whole number of 0 or more`,
      );
    }
  }
  if (stackLimit !== undefined && (!Number.isSafeInteger(stackLimit) || stackLimit < 1 || stackLimit > 0x7fff_ffff)) {
    throw new WardianError(
      "invalid-option",
      `Cannot meter module: option "stackLimit" is not a whole number from 1 to 2147483647`,
    );
  }
}
