import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export interface Attack {
  readonly id: string;
  readonly cls: string;
  readonly lang: string;
  readonly code: string;
  readonly expect: string;
}

/** The corpus is not part of the package: a folder beside the repository, or wherever WARDIAN_ATTACKS says. */
const file =
  process.env["WARDIAN_ATTACKS"] ?? path.resolve(import.meta.dirname, "../../../shared/attacks/attacks.json");

/** Undefined if there is no corpus on this machine. */
export function readAttacks(cls: string, lang: string): readonly Attack[] | undefined {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as readonly Attack[]).filter(
    (attack) => attack.cls === cls && attack.lang === lang,
  );
}
