// Builds the wheels of this folder into ./build: one of Python, and one of C if there is a compiler. The commands are the
// documentation.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { makeWheel } from "./make-wheel.mjs";

const folder = import.meta.dirname;
const out = path.join(folder, "build");
mkdirSync(out, { recursive: true });

const source = readFileSync(path.join(folder, "greeting/greeting.py"));
makeWheel(out, { name: "greeting", version: "1.0", tag: "py3-none-any", files: { "greeting.py": source } });
console.log("built greeting");

// C: Debian's clang and lld. With Emscripten it is `emcc -sSIDE_MODULE=2 -O2 -fPIC -I .../include/python3.14`, which needs no
// other flags; real projects are built by `pyodide build`.
const compile = ["--target=wasm32-unknown-emscripten", "-O2", "-fPIC", "-fvisibility=hidden", "-nostdlib", "-c"];
const link = ["-shared", "--experimental-pic", "--no-entry", "--allow-undefined", "--export=PyInit_hotloop"];
// What a linker at run time has to call.
const initializers = ["--export-if-defined=__wasm_call_ctors", "--export-if-defined=__wasm_apply_data_relocs"];
const compiled = run("clang", ...compile, "hotloop/hotloop.c", "-o", "build/hotloop.o");
if (compiled && run("wasm-ld", ...link, ...initializers, "build/hotloop.o", "-o", "build/hotloop.so")) pack();

function run(command, ...args) {
  const { status, error, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) console.log(`not built hotloop: ${(error?.message ?? stderr).trim().split("\n")[0]}`);
  return status === 0;
}

function pack() {
  const tag = "cp314-cp314-pyemscripten_2026_0_wasm32";
  const files = { "hotloop.cpython-314-wasm32-emscripten.so": readFileSync(path.join(out, "hotloop.so")) };
  makeWheel(out, { name: "hotloop", version: "1.0", tag, files });
  console.log("built hotloop");
}
