// Runs what build.mjs made: `node run.mjs`, behind `node build.mjs`.
import { existsSync } from "node:fs";
import path from "node:path";
import { Sandbox } from "wardian";

const built = path.join(import.meta.dirname, "build");
const greeting = path.join(built, "greeting-1.0-py3-none-any.whl");
const hotloop = path.join(built, "hotloop-1.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl");
const packages = [greeting, hotloop].filter((file) => existsSync(file));

const sandbox = await Sandbox.create({ language: "python", packages, limits: { timeoutMs: 10_000 } });
await show("import greeting; greeting.hello('fern')");
if (packages.includes(hotloop)) {
  // C code pays fuel for what it does, and stops at a deadline as all else does.
  await show("import hotloop; hotloop.primes(1_000_000)");
  await show("hotloop.checksum(b'fern' * 1000)");
  await show("hotloop.primes(-2)");
  await show("hotloop.forever()", { limits: { timeoutMs: 100 } });
  await show("import hotloop; hotloop.primes(100)");
}
sandbox.close();

async function show(source, options) {
  const result = await sandbox.run(source, options);
  const said = {
    ok: () => result.value,
    error: () => `${result.error.name}: ${result.error.message}`,
    limit: () => result.limit,
  };
  console.log(said[result.status]?.() ?? result.status);
}
