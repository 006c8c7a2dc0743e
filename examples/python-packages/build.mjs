// Builds the wheels of this folder into ./build.
import { mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { makeWheel } from "./make-wheel.mjs";

const folder = import.meta.dirname;
const out = path.join(folder, "build");
mkdirSync(out, { recursive: true });

const source = readFileSync(path.join(folder, "greeting/greeting.py"));
makeWheel(out, { name: "greeting", version: "1.0", tag: "py3-none-any", files: { "greeting.py": source } });
console.log("built greeting");
