import type { GuestKind, Language } from "./guest.ts";

const LANGUAGES: ReadonlySet<string> = new Set<Language>(["javascript", "typescript", "python"]);

/** Whether sandboxes of this kind take sources; the others run a binary. */
export function isLanguage(kind: GuestKind): kind is Language {
  return LANGUAGES.has(kind);
}
