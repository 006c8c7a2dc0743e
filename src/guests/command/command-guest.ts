import { WardianError } from "../../errors.ts";
import type { Guest, GuestContext, GuestSession } from "../guest.ts";
import { isRunnable } from "../component/component-exports.ts";
import { ComponentSession } from "../component/component-session.ts";
import { loadComponent } from "../component/load-component.ts";
import { isComponent } from "../module/guest-module.ts";
import type { GuestModule } from "../module/guest-module.ts";
import { loadCoreModule, requireFunction } from "../module/load-core-module.ts";
import { moduleSnapshotBase } from "../module/module-snapshot-base.ts";
import { CommandSession } from "./command-session.ts";

/** Programs: core modules of WASI preview 1, components of WASI 0.2. */
export const commandGuest: Guest = {
  kinds: ["command"],
  async create(context: GuestContext): Promise<GuestSession> {
    const { module } = context;
    if (module === undefined) throw new WardianError("internal", "Cannot load a command: no module is given");
    if (isComponent(module.bytes)) return await createComponentCommand(module, context);
    const prepared = await loadCoreModule(module, context);
    requireFunction(prepared, "_start", "command", "a library without it is a reactor(bytes)");
    return new CommandSession(prepared, module.name, context);
  },
  snapshotBase: async (_kind, _assets, binary) => await moduleSnapshotBase(binary),
};

async function createComponentCommand({ bytes, name }: GuestModule, context: GuestContext): Promise<GuestSession> {
  const prepared = await loadComponent(bytes, context);
  if (!isRunnable(prepared.description)) {
    throw new WardianError(
      "invalid-module",
      "Cannot load the command: the component does not export wasi:cli/run; a library is a component(bytes)",
    );
  }
  return ComponentSession.create(prepared, name, context);
}
