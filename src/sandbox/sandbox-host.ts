import type { Guest } from "../guests/guest.ts";
import type { Platform } from "../hosts/platform.ts";

/** What a sandbox is built on: the platform it runs on and the guests it can hold. The entry points compose it. */
export interface SandboxHost {
  readonly platform: Platform;
  readonly guests: readonly Guest[];
}
