import type { StateImage } from "../../../engine/snapshot/state-image.ts";
import { WardianError } from "../../../errors.ts";
import type { GuestContext, GuestSession, RuntimeAssets } from "../../guest.ts";
import { javascriptGuest } from "../../javascript/javascript-guest.ts";
import { bootCapabilities } from "../interpreter/boot-host.ts";
import { loadPrelude } from "../peers.ts";
import { loadBashModules } from "./bash-modules.ts";
import { BashSession } from "./bash-session.ts";

/** By where the packages come from; a failed start is forgotten. */
const images = new WeakMap<RuntimeAssets, Promise<StateImage>>();

/** How much the guest's answer may be: more than any limit on output, which drops what is over it. */
const ANSWER_BYTES = 512 * 2 ** 20;
/** Several times what loading takes. */
const BOOT_FUEL = 100e9;

/** bash: just-bash inside the JavaScript guest, from an image in which it is loaded. */
export async function openBash(context: GuestContext): Promise<GuestSession> {
  const { assets } = context;
  let image = images.get(assets);
  if (image === undefined) {
    image = loadImage(context);
    images.set(assets, image);
    image.catch(() => images.delete(assets));
  }
  const inner = { ...context, language: "javascript", valueBytes: ANSWER_BYTES, origin: await image } as const;
  return new BashSession(await javascriptGuest.create(inner), context);
}

async function loadImage({ assets, digest, evaluate, memoryBytes }: GuestContext): Promise<StateImage> {
  const modules = await loadBashModules(assets);
  const { capabilities, fuel } = bootCapabilities();
  const session = await javascriptGuest.create({
    language: "javascript",
    mountPoints: [],
    digest,
    evaluate,
    capabilities,
    assets,
    fuel,
    memoryBytes,
    valueBytes: 0x1_0000,
  });
  fuel.arm({ fuel: BOOT_FUEL });
  const source = await loadPrelude(assets, "bash");
  const turn = session.start({ source, filename: "wardian.mjs", args: [], modules });
  fuel.disarm();
  if (turn.state !== "done" || turn.outcome.kind !== "value") {
    const why = turn.state === "done" && turn.outcome.kind === "error" ? turn.outcome.error.message : turn.state;
    throw new WardianError("asset", `Cannot run bash: its interpreter did not start: ${why}`);
  }
  const captured = session.capture?.();
  if (captured === undefined) throw new WardianError("internal", "Cannot run bash: its start cannot be kept");
  // A view of a memory that goes with the session.
  const { memories, ...rest } = captured.image;
  const image = {
    ...rest,
    memories: memories.map(({ byteLength, runs }) => ({
      byteLength,
      runs: runs.map(({ offset, bytes }) => ({ offset, bytes: bytes.slice() })),
    })),
  };
  session.close();
  return image;
}
