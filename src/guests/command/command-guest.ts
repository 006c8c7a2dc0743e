import { WardianError } from "../../errors.ts";
import type { Guest, GuestContext, GuestSession } from "../guest.ts";
import { loadCoreModule, requireFunction } from "../module/load-core-module.ts";
import { CommandSession } from "./command-session.ts";

/** Programs of WASI preview 1. */
export const commandGuest: Guest = {
  kinds: ["command"],
  async create(context: GuestContext): Promise<GuestSession> {
    const { module } = context;
    if (module === undefined) throw new WardianError("internal", "Cannot load a command: no module is given");
    const prepared = await loadCoreModule(module, context);
    requireFunction(prepared, "_start", "command", "a library without it is a reactor(bytes)");
    return new CommandSession(prepared, module.name, context);
  },
};
