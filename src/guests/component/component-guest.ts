import { WardianError } from "../../errors.ts";
import type { Guest, GuestContext, GuestSession } from "../guest.ts";
import { moduleSnapshotBase } from "../module/module-snapshot-base.ts";
import { ComponentSession } from "./component-session.ts";
import { loadComponent } from "./load-component.ts";

/** Components of any WIT world over WASI 0.2. */
export const componentGuest: Guest = {
  kinds: ["component"],
  async create(context: GuestContext): Promise<GuestSession> {
    const { module } = context;
    if (module === undefined) throw new WardianError("internal", "Cannot load a component: no bytes are given");
    return ComponentSession.create(await loadComponent(module.bytes, context), module.name, context);
  },
  snapshotBase: async (_kind, _assets, binary) => await moduleSnapshotBase(binary),
};
