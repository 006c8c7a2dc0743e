import { decodeImage, identityOf } from "../../engine/snapshot/image-file.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import type { RuntimeAssets } from "../guest.ts";
import type * as Glue from "#runtimes/javascript";

/** The core modules of the component that carry code, in the order of jco's numbering; number 1 is the memory. */
export const CORE_MODULES = ["engine", "trampolines", "allocator", "adapter"] as const;
export type CoreModuleName = (typeof CORE_MODULES)[number];

/** The two images that sandboxes start from. */
export type ImageName = "javascript" | "typescript";

/** What the build notes about a metered core module: `dist/runtimes/javascript/modules.json`. */
export interface MeteredNames {
  readonly fuelExport: string;
  readonly stackExport?: string;
  /** The start function, taken out of instantiation: only the boot of the image calls it. */
  readonly startExport?: string;
  /** Exports of all mutable globals. */
  readonly globals: readonly string[];
}

export interface ModulesFile {
  /** SHA-256 of the component, in hexadecimal: images are of this very component. */
  readonly component: string;
  /** The deterministic depth limit that each stack global starts at. */
  readonly stackLimit: number;
  readonly modules: Readonly<Record<CoreModuleName, MeteredNames>>;
}

/** All that instances are made from, shared by the sandboxes of a process. */
export interface Artefacts {
  readonly glue: Pick<typeof Glue, "instantiate">;
  readonly file: ModulesFile;
  readonly modules: Readonly<Record<CoreModuleName, WebAssembly.Module>>;
  readonly image: StateImage;
  readonly imageIdentity: string;
}

/** Loads and decodes; the platform caches bytes and compiled modules, the guest caches this. */
export async function loadArtefacts(assets: RuntimeAssets, image: ImageName): Promise<Artefacts> {
  const [glue, fileBytes, imageBytes, ...modules] = await Promise.all([
    loadGlue(),
    assets.bytes("javascript/modules.json"),
    assets.bytes(`javascript/${image}.image`),
    ...CORE_MODULES.map((name) => assets.module(`javascript/${name}.wasm`)),
  ]);
  const file = JSON.parse(new TextDecoder().decode(fileBytes)) as ModulesFile;
  const [engine, trampolines, allocator, adapter] = modules;
  if (engine === undefined || trampolines === undefined || allocator === undefined || adapter === undefined) {
    throw new WardianError("asset", "Cannot load the JavaScript guest: a core module is missing");
  }
  return {
    glue,
    file,
    modules: { engine, trampolines, allocator, adapter },
    image: decodeImage(imageBytes, digestOf(file.component)),
    imageIdentity: identityOf(imageBytes),
  };
}

async function loadGlue(): Promise<Pick<typeof Glue, "instantiate">> {
  try {
    return await import("#runtimes/javascript");
  } catch (cause) {
    throw new WardianError("asset", "Cannot load the JavaScript guest: its component is not built", { cause });
  }
}

/** The glue whose `turn` is behind `WebAssembly.promising`: for guests that may be suspended while they compute. */
export async function loadYieldingGlue(): Promise<Artefacts["glue"]> {
  try {
    return await import("#runtimes/javascript-yielding");
  } catch (cause) {
    throw new WardianError("asset", "Cannot load the JavaScript guest: its component is not built", { cause });
  }
}

/** The bytes of a hexadecimal SHA-256. */
export function digestOf(hexadecimal: string): Uint8Array {
  return Uint8Array.from(hexadecimal.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
