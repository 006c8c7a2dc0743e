import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { Seeded } from "./seeded.ts";

/** What a generated module may use. */
export type Profile = keyof typeof FEATURES;

const FEATURES = {
  /** What every Node from 20 on has, so that fuel can be compared across them. */
  classic: [
    "--mvp-features",
    ..."mutable-globals nontrapping-float-to-int bulk-memory bulk-memory-opt sign-ext simd multivalue extended-const tail-call"
      .split(" ")
      .map((feature) => `--enable-${feature}`),
  ],
  /** Wasm 3.0 as newer Nodes have it: garbage collection, typed references, exceptions, wide and several memories. */
  modern: [
    "--all-features",
    ..."shared-everything custom-descriptors fp16 stack-switching relaxed-atomics custom-page-sizes relaxed-simd strings multibyte wide-arithmetic threads"
      .split(" ")
      .map((feature) => `--disable-${feature}`),
  ],
} as const;

const require = createRequire(import.meta.url);
const wasmOpt = path.join(path.dirname(require.resolve("binaryen/package.json")), "bin", "wasm-opt");

/** A valid module that binaryen's fuzzer makes of random bytes; its loops and recursions end (`HANG_LIMIT`), its NaNs have one form. */
export function generateModule(seed: number, profile: Profile): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(path.join(tmpdir(), "wardian-fuzz-"));
  try {
    const random = new Seeded(seed);
    const input = path.join(folder, "input");
    const output = path.join(folder, "module.wasm");
    writeFileSync(input, random.bytes(400 + random.below(6_000)));
    execFileSync(
      process.execPath,
      [wasmOpt, input, "--translate-to-fuzz", ...FEATURES[profile], "--denan", "-o", output],
      { stdio: "pipe", timeout: 60_000 },
    );
    return Uint8Array.from(readFileSync(output));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
