import { platform } from "#platform";
import { commandGuest } from "./guests/command/command-guest.ts";
import { componentGuest } from "./guests/component/component-guest.ts";
import { javascriptGuest } from "./guests/javascript/javascript-guest.ts";
import { pythonGuest } from "./guests/python/python-guest.ts";
import { languageGuest } from "./guests/languages/language-guest.ts";
import { reactorGuest } from "./guests/reactor/reactor-guest.ts";
import { createRemoteSandbox } from "./remote/create-remote-sandbox.ts";
import type { SandboxHost } from "./sandbox/sandbox-host.ts";

/** This platform with every guest that the package has. The entries build on it, that of a guest's thread too. */
export const host: SandboxHost = {
  platform,
  guests: [javascriptGuest, pythonGuest, commandGuest, reactorGuest, componentGuest, languageGuest],
  createRemote: createRemoteSandbox,
};
