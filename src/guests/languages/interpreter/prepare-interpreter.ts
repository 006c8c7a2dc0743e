import { inspect, meter } from "../../../engine/index.ts";
import { captureState } from "../../../engine/snapshot/capture-state.ts";
import type { StateImage } from "../../../engine/snapshot/state-image.ts";
import { WardianError } from "../../../errors.ts";
import type { GuestContext, RuntimeAssets } from "../../guest.ts";
import { ModuleCache } from "../../module/module-cache.ts";
import { STACK_LIMIT } from "../../module/prepare-module.ts";
import type { PreparedModule } from "../../module/prepare-module.ts";
import { loadPeer, loadPrelude } from "../peers.ts";
import { bootHost } from "./boot-host.ts";
import type { InterpreterDriver } from "./interpreter.ts";
import { linkInterpreter } from "./link-interpreter.ts";

/** What all sandboxes of a language share: compiled code, and the state of an interpreter that has just started. */
export interface PreparedInterpreter extends PreparedModule {
  readonly driver: InterpreterDriver;
  readonly image: StateImage;
  /** What the driver's `boot` answered. */
  readonly booted: number;
}

/** By where the packages come from; a failed load is forgotten. */
const caches = new WeakMap<RuntimeAssets, ModuleCache<PreparedInterpreter>>();

/** Reads, meters, compiles and starts an interpreter: once in a process for a language and a cap of memory. */
export async function prepareInterpreter(
  driver: InterpreterDriver,
  { assets, memoryBytes }: Pick<GuestContext, "assets" | "memoryBytes">,
): Promise<PreparedInterpreter> {
  let cache = caches.get(assets);
  if (cache === undefined) caches.set(assets, (cache = new ModuleCache()));
  return await cache.get(`${driver.language} ${memoryBytes}`, async () => {
    const prelude = await loadPrelude(assets, driver.language);
    const bytes = await loadPeer(assets, driver.language);
    const description = inspect(bytes);
    const { bytes: rewritten, ...metered } = meter(bytes, {
      memoryMaxBytes: memoryBytes,
      stackLimit: STACK_LIMIT,
      addExports: "state",
      start: "export",
    });
    const module: PreparedModule = {
      module: await WebAssembly.compile(rewritten),
      metered,
      description,
      byteLength: rewritten.length,
    };
    return { ...module, driver, ...boot(module, driver, prelude, memoryBytes) };
  });
}

/** Enough for the largest of them several times over. */
const BOOT_FUEL = 50e9;

/** Starts an interpreter without any power, and at no time: whatever it keeps of its start is the same for everybody. */
function boot(
  module: PreparedModule,
  driver: InterpreterDriver,
  prelude: string,
  memoryBytes: number,
): Pick<PreparedInterpreter, "image" | "booted"> {
  const { host, output, file } = bootHost();
  const { fuel } = host;
  fuel.arm({ fuel: BOOT_FUEL });
  const completion = fuel.enter(() => {
    host.begin({ args: [driver.language], env: new Map(), preopens: ["/"] });
    const { instance, live, linked } = linkInterpreter(module, driver, host, { file, memoryBytes });
    instance.start?.();
    const booted = driver.boot(live, prelude, linked);
    const { memories, globals } = instance.state;
    instance.cell.release();
    return { image: captureState({ memories, globals }), booted };
  });
  fuel.disarm();
  host.end();
  if (completion.kind === "returned") return completion.value;
  const { reason } = completion;
  const why = reason.kind === "host-error" && reason.cause instanceof Error ? reason.cause.message : reason.kind;
  const said = output.text("stderr").slice(0, 500);
  throw new WardianError(
    "asset",
    `Cannot run ${driver.language}: its interpreter did not start: ${why}${said === "" ? "" : ` (${said})`}`,
  );
}
