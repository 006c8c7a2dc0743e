import { WardianError } from "../../../errors.ts";
import { quoted } from "../packages/package-error.ts";

/** An extension module that is refused before it is linked. `path` is that of its file in site-packages. */
export function linkError(
  path: string,
  why: string,
  code: "invalid-package" | "unsealed-module" = "invalid-package",
  cause?: unknown,
): WardianError {
  const message = `Cannot load the extension module ${quoted(path)}: ${why}`;
  return new WardianError(code, message, cause === undefined ? {} : { cause });
}
