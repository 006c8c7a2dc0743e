import { createFuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import { encodeImage } from "../../src/engine/snapshot/image-file.ts";
import { captureState } from "../../src/engine/snapshot/capture-state.ts";
import type { StateImage } from "../../src/engine/snapshot/state-image.ts";
import { digestOf } from "../../src/guests/javascript/artefacts.ts";
import type { Artefacts } from "../../src/guests/javascript/artefacts.ts";
import { instantiateComponent } from "../../src/guests/javascript/component-instance.ts";
import type { ComponentInstance } from "../../src/guests/javascript/component-instance.ts";
import { TURN } from "../../src/guests/javascript/operations.ts";
import { startFromImage } from "../../src/guests/javascript/start-from-image.ts";
import { IoError, OutputStream } from "../../src/wasi/preview2/streams.ts";
import type { ComponentImports } from "#runtimes/javascript";

/** What a sandbox has before its first run. */
export interface BootSize {
  /** Pages of 64 KiB; the boot must do with them. */
  readonly memoryPages: number;
  /** The engine's own limit on its C stack. */
  readonly stackBytes: number;
}

/**
 * Boots the engine, loads the prelude and the further scripts, and captures the state that sandboxes start from.
 * Nothing of the outside gets in: every import that could tell the time or a random number throws.
 */
export function makeBootImage(
  artefacts: Omit<Artefacts, "image" | "imageIdentity">,
  { memoryPages, stackBytes }: BootSize,
  prelude: string,
  scripts: readonly string[],
): Uint8Array<ArrayBuffer> {
  const fuel = createFuelGauge({ now: () => 0 });
  const sealed = (): never => {
    throw new Error("The boot of the JavaScript guest reached for the outside");
  };
  const imports: ComponentImports = {
    "wasi:clocks/wall-clock": { now: sealed },
    "wasi:clocks/monotonic-clock": { now: sealed },
    "wasi:random/random": { getRandomBytes: sealed, getRandomU64: sealed },
    "wasi:io/error": { Error: IoError },
    "wasi:io/streams": { OutputStream },
    "wasi:cli/stdout": { getStdout: sealed },
    "wasi:cli/stderr": { getStderr: sealed },
    "wardian:javascript/host": { callTool: sealed, callToolIn: sealed, file: sealed },
  };
  // No more than that: what a reset clears and a snapshot holds is known, and the boot can't depend on growth.
  const newMemory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: memoryPages, maximum: memoryPages });
  const bytes = memoryPages * 65_536;
  const instance = instantiateComponent(artefacts, imports, fuel, newMemory(), bytes);
  fuel.arm({ fuel: Number.POSITIVE_INFINITY });
  const boot = fuel.enter(() => {
    instance.runStart();
    instance.exports.boot(encode(prelude), stackBytes);
    for (const script of scripts) {
      const answer = decode(instance.exports.turn(TURN.boot, encode(script)));
      if (answer !== "w{}") throw new Error(`A script of the boot image failed: ${answer}`);
    }
  });
  fuel.disarm();
  if (boot.kind !== "returned") {
    throw new Error(`Cannot boot the JavaScript guest: ${boot.reason.kind}`, {
      cause: boot.reason.kind === "host-error" ? boot.reason.cause : boot.reason,
    });
  }
  const image = captureState(instance.state);
  checkStart(image, instance, instantiateComponent(artefacts, imports, fuel, newMemory(), bytes));
  return encodeImage(image, digestOf(artefacts.file.component));
}

/** Sandboxes start by copying the image into a fresh instance: that must leave the booted memory, byte for byte. */
function checkStart(image: StateImage, booted: ComponentInstance, fresh: ComponentInstance): void {
  startFromImage(image, fresh.state);
  if (Buffer.compare(new Uint8Array(booted.memory.buffer), new Uint8Array(fresh.memory.buffer)) !== 0) {
    throw new Error("Cannot make the boot image: a fresh instance has data that the image doesn't replace");
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
