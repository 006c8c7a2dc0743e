import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { importTreatment } from "../../src/guests/python/host/python-imports.ts";
import { SEALED_IMPORTS } from "../../src/guests/python/host/sealed-calls.ts";

const interpreter = new WebAssembly.Module(readFileSync("node_modules/pyodide/pyodide.asm.wasm"));
const imports = WebAssembly.Module.imports(interpreter);

describe("the interpreter's imports", () => {
  it("are 548, each with exactly one treatment", () => {
    const counts = new Map<string, number>();
    for (const { module, name, kind } of imports) {
      const treatment = kind === "global" && module === "GOT.func" ? "null slot" : importTreatment(module, name);
      counts.set(treatment, (counts.get(treatment) ?? 0) + 1);
    }
    expect(Object.fromEntries(counts)).toEqual({
      "null slot": 280,
      codec: 268 - SEALED_IMPORTS.length,
      sealed: SEALED_IMPORTS.length,
    });
  });

  it("that are sealed are really there, and none is also a codec's", () => {
    const names = new Set(imports.filter(({ module }) => module === "env").map(({ name }) => name));
    expect(SEALED_IMPORTS.filter((name) => !names.has(name))).toEqual([]);
    expect(SEALED_IMPORTS.filter((name) => importTreatment("env", name) !== "sealed")).toEqual([]);
    expect(new Set(SEALED_IMPORTS).size).toBe(SEALED_IMPORTS.length);
  });

  it("fail closed when they are new", () => {
    expect(importTreatment("env", "emscripten_run_script")).toBe("unknown");
    expect(importTreatment("wasi_snapshot_preview1", "sock_open")).toBe("unknown");
    expect(importTreatment("other", "fd_write")).toBe("unknown");
  });
});
