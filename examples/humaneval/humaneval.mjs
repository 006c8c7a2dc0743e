// Grades the HumanEval tasks (Python) or the HumanEval-X tasks (JavaScript) inside a sandbox and prints a table.
// Each task runs from a reset sandbox. Exit code 1 if a verdict differs from what is expected.
//
//   node examples/humaneval/humaneval.mjs --language=python --data=path/to/HumanEval.jsonl.gz
//   node examples/humaneval/humaneval.mjs --language=javascript --data=path/to/humaneval_js.jsonl.gz
//
// --endless replaces each solution by one that never ends: then the right verdict is a time or fuel limit.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { Sandbox } from "wardian";

const { values: flags } = parseArgs({
  options: {
    language: { type: "string", default: "python" },
    data: { type: "string" },
    endless: { type: "boolean", default: false },
    timeout: { type: "string", default: "20000" },
    first: { type: "string", default: "0" },
    count: { type: "string", default: "1000" },
    verbose: { type: "boolean", default: false },
  },
});

const languages = {
  python: {
    source: (task) => `${task.prompt}${task.canonical_solution}\n${task.test}\ncheck(${task.entry_point})\n`,
    endless: (task) => `${task.prompt}    while True: pass\n\n${task.test}\ncheck(${task.entry_point})\n`,
    failed: (result) => result.status !== "ok",
  },
  javascript: {
    source: (task) => `${task.prompt}${task.canonical_solution}\n${task.test}\n`,
    endless: (task) => `${task.prompt}  for (;;) ;\n}\n${task.test}\n`,
    // The tests use console.assert, which reports and goes on.
    failed: (result) => result.status !== "ok" || result.stderr.includes("Assertion failed"),
  },
};

// Their tests ask for packages or compare what JavaScript does not promise: they fail in plain Node as well.
const KNOWN_FAILURES = new Set(["JavaScript/112", "JavaScript/155", "JavaScript/162"]);

const language = flags.language === "javascript" ? "javascript" : "python";
if (flags.data === undefined) {
  console.error("humaneval: say where the tasks are: --data=FILE.jsonl or FILE.jsonl.gz");
  process.exit(2);
}
const file = readFileSync(flags.data);
const text = flags.data.endsWith(".gz") ? gunzipSync(file).toString() : file.toString();
const all = text
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const tasks = all.slice(Number(flags.first), Number(flags.first) + Number(flags.count));

const { source, endless, failed } = languages[language];
const started = performance.now();
const sandbox = await Sandbox.create({ language, limits: { timeoutMs: Number(flags.timeout) } });
const counts = new Map();
const wrong = [];
let fuel = 0;
for (const task of tasks) {
  // oxlint-disable-next-line typescript/no-floating-promises -- an inline sandbox is back when the call returns
  sandbox.reset();
  const result = await sandbox.run(flags.endless ? endless(task) : source(task));
  fuel += result.usage.fuel;
  const verdict = verdictOf(result);
  counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const right = flags.endless ? verdict === "time" || verdict === "fuel" : verdict === "passed";
  if (!right && !(KNOWN_FAILURES.has(task.task_id) && !flags.endless))
    wrong.push([task.task_id, verdict, explain(result)]);
  if (flags.verbose)
    console.log(`${task.task_id.padEnd(16)}${verdict.padEnd(10)}${result.usage.wallMs.toFixed(1).padStart(10)} ms`);
}
sandbox.close();

console.log(`${"verdict".padEnd(12)}tasks`);
for (const [verdict, count] of counts) console.log(verdict.padEnd(12) + String(count).padStart(5));
console.log(
  `${"total".padEnd(12)}${String(tasks.length).padStart(5)}   ${((performance.now() - started) / 1000).toFixed(1)} s, ${(fuel / 1e9).toFixed(1)}e9 fuel units`,
);
for (const [id, verdict, why] of wrong) console.log(`wrong: ${id} ${verdict}: ${why}`);
process.exitCode = wrong.length === 0 ? 0 : 1;

function verdictOf(result) {
  if (result.status === "limit") return result.limit;
  return failed(result) ? "failed" : "passed";
}

function explain(result) {
  if (result.status === "error") return `${result.error.name}: ${result.error.message}`;
  return result.stderr.split("\n")[0] || result.status;
}
