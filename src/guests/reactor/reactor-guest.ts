import { WardianError } from "../../errors.ts";
import { EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import type {
  Guest,
  GuestContext,
  GuestKind,
  GuestSession,
  RuntimeAssets,
  SnapshotBase,
  SnapshotBinary,
} from "../guest.ts";
import { loadCoreModule } from "../module/load-core-module.ts";
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
  async snapshotBase(
    _kind: GuestKind,
    _assets: RuntimeAssets,
    { module, digest }: SnapshotBinary,
  ): Promise<SnapshotBase> {
    if (module === undefined)
      throw new WardianError("internal", "Cannot take a reactor's snapshot: no module is given");
    const hex = await digest(module.bytes);
    const moduleDigest = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    return { identity: `reactor ${hex}`, moduleDigest, image: EMPTY_IMAGE };
  },
};
