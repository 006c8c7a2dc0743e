// npm run bench [-- --smoke] [-- TOPIC...]: measures every topic in a process of its own and writes bench/results/<node>.json.
// A topic is bench/<topic>/measure.ts, exporting `measure`. With --smoke everything runs once, briefly, and nothing is written or judged.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, existsSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

if (args[0] === "--topic") {
  const { measure } = await import(pathToFileURL(path.join(root, ".build", "bench", args[1], "measure.js")).href);
  const topic = await measure({ smoke: args.includes("--smoke") });
  process.send(topic);
  process.disconnect();
} else await main();

async function main() {
  const smoke = args.includes("--smoke");
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  // Types are the business of `npm run typecheck`: a bench measures what runs.
  if (spawnSync(process.execPath, [tsc, "-p", "tsconfig.bench.json", "--noCheck"], { cwd: root, stdio: "inherit" }).status !== 0) process.exit(1);
  const topics = readdirSync(path.join(root, "bench"))
    .filter((name) => existsSync(path.join(root, "bench", name, "measure.ts")))
    .filter((name) => wanted.length === 0 || wanted.includes(name));
  const results = [];
  for (const name of topics) results.push(await measureInProcess(name, smoke));
  const late = results.flatMap(({ figures }) => figures).filter(({ value, bound }) => bound !== undefined && value > bound);
  if (smoke) return;
  const major = process.versions.node.split(".")[0];
  const file = path.join(root, "bench", "results", `node${major}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  const report = { node: process.version, v8: process.versions.v8, cpu: os.cpus()[0]?.model ?? "unknown", cores: os.cpus().length, date: new Date().toISOString().slice(0, 10), topics: results };
  if (wanted.length === 0) writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  for (const { name, value, unit, bound } of late) console.log(`above its bound: ${name} is ${value.toFixed(3)} ${unit}, at most ${bound}`);
  process.exitCode = late.length === 0 ? 0 : 1;
}

/** A process of its own: no topic inherits another one's heap or compiled code. */
async function measureInProcess(name, smoke) {
  const { fork } = await import("node:child_process");
  const child = fork(fileURLToPath(import.meta.url), ["--topic", name, ...(smoke ? ["--smoke"] : [])], { cwd: root, execArgv: ["--expose-gc"] });
  const topic = await new Promise((resolve, reject) => {
    let found;
    child.on("message", (message) => (found = message));
    child.on("exit", (code) => (code === 0 && found !== undefined ? resolve(found) : reject(new Error(`bench topic ${name} failed with exit code ${code}`))));
  });
  console.log(`${name}`);
  for (const figure of topic.figures) {
    const bound = figure.bound === undefined ? "" : `  (at most ${figure.bound})`;
    console.log(`  ${figure.name.padEnd(64)}${figure.value.toFixed(3).padStart(12)} ${figure.unit}${bound}`);
    if (figure.note !== undefined && !smoke) console.log(`      ${figure.note}`);
  }
  return topic;
}
