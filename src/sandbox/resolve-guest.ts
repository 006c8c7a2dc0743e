import { WardianError } from "../errors.ts";
import type { GuestKind } from "../guests/guest.ts";
import { isLanguage, LANGUAGES } from "../guests/language-facts.ts";
import type { GuestModule, ModuleKind } from "../guests/module/guest-module.ts";
import { describe } from "./limits.ts";

const MODULE_KINDS: readonly ModuleKind[] = ["command", "reactor", "component"];

/** What a sandbox is to hold. */
export interface ResolvedGuest {
  readonly language: GuestKind;
  readonly module: GuestModule | undefined;
}

/** Checks that a sandbox is given exactly one of a language and a binary. */
export function resolveGuest(language: unknown, guest: unknown, action: string): ResolvedGuest {
  if (guest !== undefined) {
    if (language !== undefined) {
      throw new WardianError(
        "invalid-option",
        `${action}: language and guest cannot both be given; a guest brings its own code`,
      );
    }
    if (!isGuestModule(guest)) {
      throw new TypeError(
        `${action}: guest must be made with command(bytes), reactor(bytes) or component(bytes), and is ${describe(guest)}`,
      );
    }
    return { language: guest.kind, module: guest };
  }
  if (!isLanguage(language)) {
    throw new WardianError(
      "invalid-option",
      `${action}: language is ${describe(language)}, and must be one of ${LANGUAGES.map((name) => `"${name}"`).join(", ")}`,
    );
  }
  return { language, module: undefined };
}

function isGuestModule(value: unknown): value is GuestModule {
  if (typeof value !== "object" || value === null) return false;
  const { kind, bytes, name } = value as Partial<Record<keyof GuestModule, unknown>>;
  return MODULE_KINDS.includes(kind as ModuleKind) && bytes instanceof Uint8Array && typeof name === "string";
}
