// Builds the guests of this folder into ./build, those whose compiler is there. The commands are the documentation.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const folder = import.meta.dirname;
const out = path.join(folder, "build");
mkdirSync(out, { recursive: true });

// C: Debian's clang, lld, wasi-libc and libclang-rt-dev-wasm32, or the WASI SDK's clang.
run("C", "clang", "--target=wasm32-wasi", "-Os", "c/wordcount.c", "-o", "build/wordcount.wasm");

// Rust: "rustup target add wasm32-wasip1" (before Rust 1.78 the target is called wasm32-wasi).
const rust = ["-O", "rust/shout.rs", "-o", "build/shout.wasm"];
const current = run("Rust", "rustc", "--target=wasm32-wasip1", ...rust);
if (!current) run("older Rust", "/usr/bin/rustc", "--target=wasm32-wasi", ...rust);

// AssemblyScript: "npm install assemblyscript". Its "abort" would be an import from "env", which no sandbox has; with an
// empty --use it becomes a trap.
run(
  "AssemblyScript",
  process.execPath,
  path.join(folder, "../../node_modules/assemblyscript/bin/asc.js"),
  "assemblyscript/collatz.ts",
  "--optimize",
  "--runtime=stub",
  "--use=abort=",
  "--outFile=build/collatz.wasm",
);

await component();

function run(language, command, ...args) {
  const { status, error, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (status === 0) console.log(`built with ${language}`);
  else console.log(`not built with ${language}: ${(error?.message ?? stderr).trim().split("\n")[0]}`);
  return status === 0;
}

// A component: the core module, with the world that it is of, wrapped. Of jco, which is an npm package.
async function component() {
  const { componentEmbed, componentNew, parse } = await import("@bytecodealliance/jco");
  const core = await parse(readFileSync(path.join(folder, "component/greeter.wat"), "utf8"));
  const witSource = readFileSync(path.join(folder, "component/greeter.wit"), "utf8");
  const embedded = await componentEmbed({ binary: core, witSource, world: "greeter" });
  writeFileSync(path.join(out, "greeter.wasm"), await componentNew(embedded, []));
  console.log("built as a component");
}
