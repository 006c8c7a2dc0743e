// npm run bench [-- --smoke] [-- [--record] TOPIC...]: measures every topic in a process of its own and writes
// bench/results/node<major>.json. A topic is bench/<topic>/measure.ts, exporting `measure`. Exit code 1: a figure is above
// its bound, or a topic failed. A topic that needs a newer Node than this one (it exports `available`) is skipped. With --smoke everything runs once, briefly, and nothing is written or judged. Topics by name
// are measured alone, and written into the results only with --record.
import { fork, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);

if (args[0] === "--topic") {
  const module = await import(pathToFileURL(path.join(root, ".build", "bench", args[1], "measure.js")).href);
  const topic =
    module.available?.() === false
      ? { topic: args[1], skipped: module.needs }
      : await module.measure({ smoke: args.includes("--smoke") });
  process.send(topic, () => process.disconnect());
} else await main();

async function main() {
  const smoke = args.includes("--smoke");
  const wanted = args.filter((arg) => !arg.startsWith("--"));
  const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
  // Types are the business of `npm run typecheck`: a bench measures what runs.
  const compiled = spawnSync(process.execPath, [tsc, "-p", "tsconfig.bench.json", "--noCheck"], {
    cwd: root,
    stdio: "inherit",
  });
  if (compiled.status !== 0) process.exit(1);
  const known = readdirSync(path.join(root, "bench")).filter((name) =>
    existsSync(path.join(root, "bench", name, "measure.ts")),
  );
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`bench: no topic ${unknown.join(", ")}; there are ${known.join(", ")}\n`);
    process.exit(2);
  }
  const results = [];
  const failed = [];
  for (const name of wanted.length === 0 ? known : wanted) {
    try {
      const topic = await measureInProcess(name, smoke);
      if (topic.skipped !== undefined) console.log(`${name}\n  skipped: needs ${topic.skipped}`);
      else {
        print(topic, smoke);
        results.push(topic);
      }
    } catch (error) {
      process.stderr.write(`bench: ${error.message}\n`);
      failed.push(name);
    }
  }
  if (failed.length > 0) process.exitCode = 1;
  if (smoke) {
    if (failed.length === 0) console.log("smoke: everything ran; the numbers mean nothing");
    return;
  }
  if (failed.length === 0 && (wanted.length === 0 || args.includes("--record"))) record(results);
  for (const { name, value, unit, bound } of results.flatMap(({ figures }) => figures)) {
    if (bound === undefined || value <= bound) continue;
    console.log(`above its bound: ${name} is ${value.toFixed(3)} ${unit}, at most ${bound}`);
    process.exitCode = 1;
  }
}

/** A process of its own: no topic inherits another one's heap or compiled code. */
function measureInProcess(name, smoke) {
  const child = fork(fileURLToPath(import.meta.url), ["--topic", name, ...(smoke ? ["--smoke"] : [])], {
    cwd: root,
    execArgv: ["--expose-gc"],
  });
  return new Promise((resolve, reject) => {
    let found;
    child.on("message", (message) => (found = message));
    child.on("error", reject);
    child.on("exit", (code, signal) =>
      code === 0 && found !== undefined
        ? resolve(found)
        : reject(new Error(`topic ${name} failed with ${signal ?? `exit code ${code}`}`)),
    );
  });
}

function print(topic, smoke) {
  console.log(topic.topic);
  for (const { name, value, unit, bound, note } of topic.figures) {
    console.log(
      `  ${name.padEnd(76)}${value.toFixed(3).padStart(10)} ${unit}${bound === undefined || smoke ? "" : `  (at most ${bound})`}`,
    );
    if (note && !smoke) console.log(`      ${note}`);
  }
}

/** Writes the results, or the measured topics into those that are there. */
function record(results) {
  const file = path.join(root, "bench", "results", `node${process.versions.node.split(".")[0]}.json`);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).topics : [];
  const measured = new Map([...before, ...results].map((topic) => [topic.topic, topic]));
  const report = {
    node: process.version,
    v8: process.versions.v8,
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    date: new Date().toISOString().slice(0, 10),
    topics: [...measured.values()].toSorted((a, b) => (a.topic < b.topic ? -1 : 1)),
  };
  const text = JSON.stringify(
    report,
    (_key, value) => (typeof value === "number" ? Number(value.toPrecision(5)) : value),
    2,
  );
  mkdirSync(path.dirname(file), { recursive: true });
  // Rounds in one line each: the raw numbers are there for whoever doubts a median, not to be scrolled past.
  writeFileSync(
    file,
    `${text.replaceAll(/\[\s+(-?[\d.e+-]+(?:,\s+-?[\d.e+-]+)*)\s+\]/g, (_all, list) => `[${list.replaceAll(/\s+/g, " ")}]`)}\n`,
  );
}
