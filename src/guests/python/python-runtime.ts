import { decodeImage, identityOf } from "../../engine/snapshot/image-file.ts";
import type { StateImage } from "../../engine/snapshot/state-image.ts";
import { WardianError } from "../../errors.ts";
import { loadLinkage } from "./linker/linkage.ts";
import type { Linkage } from "./linker/linkage.ts";
import type { RuntimeAssets } from "../guest.ts";

/** What all Python sandboxes of a process share: compiled code, the image to start from, the standard library. */
export interface PythonRuntime {
  readonly module: WebAssembly.Module;
  readonly trampoline: WebAssembly.Module;
  readonly image: StateImage;
  readonly imageIdentity: string;
  readonly moduleDigest: Uint8Array;
  readonly stdlib: Uint8Array;
  readonly facts: ImageFacts;
  /** What extension modules are linked to; read when it is first asked for. */
  linkage(): Promise<Linkage>;
}

/** `image.json`: what the build knows of the image beside its bytes. */
export interface ImageFacts {
  /** SHA-256 of `python.wasm`, in hexadecimal. */
  readonly moduleDigest: string;
  /** Exports of every mutable global, in the image's order. */
  readonly stateGlobals: readonly string[];
  readonly fuelExport: string;
  /** The global of the limit on the depth of calls, and what it starts from. */
  readonly stackExport: string;
  readonly stackLimit: number;
  /** Address of the prelude's function that is called to enter. */
  readonly entry: number;
  /** Address of the exception class for waits that can never end. */
  readonly deadlockError: number;
  /** Addresses of the two words through which CPython is told of a signal. */
  readonly signalFlag: number;
  readonly signalClock: number;
  /** Index that the trampoline has in the interpreter's table. */
  readonly trampolineIndex: number;
}

export async function loadPythonRuntime(assets: RuntimeAssets): Promise<PythonRuntime> {
  const [module, trampoline, imageBytes, stdlib, factBytes] = await Promise.all([
    assets.module("python/python.wasm"),
    assets.module("python/trampoline.wasm"),
    assets.bytes("python/image.bin"),
    assets.bytes("python/stdlib.zip"),
    assets.bytes("python/image.json"),
  ]);
  const facts = parseImageFacts(new TextDecoder().decode(factBytes));
  const moduleDigest = fromHex(facts.moduleDigest);
  const image = decodeImage(imageBytes, moduleDigest);
  return {
    module,
    trampoline,
    image,
    imageIdentity: identityOf(imageBytes),
    moduleDigest,
    stdlib,
    facts,
    linkage: once(() => loadLinkage(assets)),
  };
}

/** A failure is not kept. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
}

function parseImageFacts(text: string): ImageFacts {
  let facts: unknown;
  try {
    facts = JSON.parse(text);
  } catch (cause) {
    throw new WardianError("asset", 'Cannot read the runtime artefact "python/image.json": it is not JSON', { cause });
  }
  if (!isImageFacts(facts))
    throw new WardianError("asset", 'Cannot read the runtime artefact "python/image.json": a field is missing');
  return facts;
}

function isImageFacts(value: unknown): value is ImageFacts {
  if (typeof value !== "object" || value === null) return false;
  const facts = value as Partial<Record<keyof ImageFacts, unknown>>;
  const numbers = [
    facts.entry,
    facts.deadlockError,
    facts.signalFlag,
    facts.signalClock,
    facts.trampolineIndex,
    facts.stackLimit,
  ];
  return (
    numbers.every((number) => Number.isInteger(number)) &&
    typeof facts.moduleDigest === "string" &&
    typeof facts.fuelExport === "string" &&
    typeof facts.stackExport === "string" &&
    Array.isArray(facts.stateGlobals) &&
    facts.stateGlobals.every((name) => typeof name === "string")
  );
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (pair) => Number.parseInt(pair, 16));
}
