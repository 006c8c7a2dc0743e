import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ModulesFile } from "../../src/guests/javascript/artefacts.ts";
import type { ImageFacts } from "../../src/guests/python/python-runtime.ts";
import { EXHAUSTED_IMPORT } from "../../src/engine/index.ts";
import { verifyMetering } from "../../src/engine/verify/verify-metering.ts";

const runtimes = fileURLToPath(new URL("../../dist/runtimes/", import.meta.url));

function fuelExports(): readonly (readonly [file: string, fuelExport: string])[] {
  const facts = JSON.parse(readFileSync(`${runtimes}python/image.json`, "utf8")) as ImageFacts;
  const { modules } = JSON.parse(readFileSync(`${runtimes}javascript/modules.json`, "utf8")) as ModulesFile;
  return [
    ["python/python.wasm", facts.fuelExport],
    ...Object.entries(modules).map(([name, { fuelExport }]) => [`javascript/${name}.wasm`, fuelExport] as const),
  ];
}

/** As they stand in the package, with the limit on the depth of calls. */
describe("a module that the package ships", () => {
  test.each(fuelExports())("is proved: %s", { timeout: 120_000 }, (file, fuelExport) => {
    const verdict = verifyMetering(readFileSync(runtimes + file), { import: EXHAUSTED_IMPORT, fuelExport });
    expect(verdict).toMatchObject({ ok: true });
  });
});
