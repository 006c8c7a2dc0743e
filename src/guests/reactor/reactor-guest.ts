import { WardianError } from "../../errors.ts";
import type { Guest, GuestContext, GuestSession } from "../guest.ts";
import { loadCoreModule } from "../module/load-core-module.ts";
import { moduleSnapshotBase } from "../module/module-snapshot-base.ts";
import { ReactorSession } from "./reactor-session.ts";

/** Libraries over WASI preview 1. */
export const reactorGuest: Guest = {
  kinds: ["reactor"],
  async create(context: GuestContext): Promise<GuestSession> {
    const { module } = context;
    if (module === undefined) throw new WardianError("internal", "Cannot load a reactor: no module is given");
    const prepared = await loadCoreModule(module, context);
    const initialize = prepared.description.exports.find(({ name }) => name === "_initialize");
    if (initialize !== undefined && initialize.type !== "() -> ()") {
      throw new WardianError(
        "invalid-module",
        `Cannot load the reactor: "_initialize" is a ${initialize.kind} ${initialize.type}, and must take and return nothing`,
      );
    }
    return ReactorSession.create(prepared, module.name, context);
  },
  snapshotBase: async (_kind, _assets, binary) => await moduleSnapshotBase(binary),
};
