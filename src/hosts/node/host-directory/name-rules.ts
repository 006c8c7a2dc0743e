import { ErrnoFailure } from "./errno-failure.ts";
import { isEntryName } from "../../../capabilities/files/guest-path.ts";
import { TEMPORARY_PREFIX } from "../../../capabilities/files/overlay/commit/commit-changes.ts";

/** Characters that have a meaning in Windows paths: "C:", streams, and the other separator. */
const WINDOWS_SPECIAL = /[<>:"\\|?*\p{Cc}]/u;
/** Windows strips a trailing dot or space, so such a name would be an alias. */
const WINDOWS_STRIPPED = /[. ]$/;
/** Names that open a device in every directory of Windows, whatever follows the first dot. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** Which names of a host directory a guest may use. */
export class NameRules {
  readonly #hidden: readonly Pattern[];
  /** Whether a short form on Windows may be that of a name which the caller hides. */
  readonly #secret: boolean;
  readonly #windows: boolean;

  /**
   * `hide`: names, with "*" for any run of characters; upper and lower case are the same, as on some host file systems.
   * `reserved`: hidden too; what a commit leaves in a directory for a moment, or for longer if it is killed.
   */
  constructor(hide: readonly string[], windows: boolean, reserved: readonly string[] = [`${TEMPORARY_PREFIX}*`]) {
    this.#hidden = [...hide, ...reserved].map((name) => fold(name).split("*"));
    this.#secret = hide.length > 0;
    this.#windows = windows;
  }

  /** @throws ErrnoFailure EINVAL if the host could take the name for another one */
  check(name: string): void {
    // A lone surrogate has no UTF-8: the host would get U+FFFD, and two guest names would be one host name.
    if (!isEntryName(name) || /\p{Surrogate}/u.test(name)) throw new ErrnoFailure("EINVAL");
    if (!this.#windows) return;
    // "GIT~1" may be the short form of a hidden name.
    if (this.#secret && /~\d/.test(name)) throw new ErrnoFailure("EINVAL");
    if (WINDOWS_SPECIAL.test(name) || WINDOWS_STRIPPED.test(name) || WINDOWS_DEVICE.test(name))
      throw new ErrnoFailure("EINVAL");
  }

  /** @throws ErrnoFailure EACCES for a hidden name, EINVAL as {@link NameRules.check} does */
  checkNew(name: string): void {
    this.check(name);
    if (this.hides(name)) throw new ErrnoFailure("EACCES");
  }

  hides(name: string): boolean {
    // Folding takes longer than a lookup, and nearly all names need none.
    if (!this.#secret && /^[ -~]*$/.test(name) && !name.startsWith(".")) return false;
    const folded = fold(name);
    return this.#hidden.some((pattern) => matches(folded, pattern));
  }
}

/** The parts between the stars. */
type Pattern = readonly string[];

/**
 * Folds what a host file system may take as equal: case, compatibility forms (APFS, NTFS), and characters that HFS+
 * ignores. Hiding too much is the safe side.
 */
function fold(name: string): string {
  return name
    .normalize("NFKC")
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toUpperCase()
    .toLowerCase();
}

/** Without a regular expression, since names come from guests and several stars would backtrack for long. */
function matches(name: string, pattern: Pattern): boolean {
  const [first = "", ...rest] = pattern;
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}
