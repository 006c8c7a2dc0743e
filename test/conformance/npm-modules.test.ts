import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { meter } from "../../src/engine/index.ts";
import { verifyMetering } from "../../src/engine/verify/verify-metering.ts";

const packages = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Every Wasm module that this project's packages ship, under 10 MB: beyond are larger builds of one browser engine. */
function modules(folder: string, found: string[] = []): string[] {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) modules(path, found);
    else if (entry.name.endsWith(".wasm") && statSync(path).size < 10e6) found.push(relative(packages, path));
  }
  return found;
}

describe("a module that an npm package ships", () => {
  test.each(modules(packages))("is metered, valid and proved: %s", { timeout: 300_000 }, (path) => {
    const bytes = readFileSync(join(packages, path));
    // Components hold their modules inside; what the engine refuses as it is says nothing about the meter.
    if (bytes[6] === 1 || !WebAssembly.validate(bytes)) return;
    const metered = meter(bytes);
    expect(WebAssembly.validate(metered.bytes)).toBe(true);
    expect(verifyMetering(metered.bytes, metered)).toMatchObject({ ok: true });
  });
});
