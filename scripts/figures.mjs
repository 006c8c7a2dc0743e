// npm run figures: writes the measured figures of bench/results into README.md and docs/limits-and-fuel.md, between the
// markers that say so. Numbers appear nowhere else. All are the oldest supported Node's, but those of topics that need a
// newer one.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The pages, the name of their markers, and what makes the text between them. */
const PAGES = [
  { page: "README.md", marker: "figures", write: figuresText },
  { page: "docs/limits-and-fuel.md", marker: "calibration", write: calibrationText },
];

/** Every page with its text as it is and as it should be. */
export function renderPages() {
  const report = { ...recorded("node20.json"), newer: recorded("node24.json") };
  return PAGES.map(({ page, marker, write }) => {
    const text = readFileSync(path.join(root, page), "utf8");
    return { page, text, rendered: between(text, page, marker, write(report)) };
  });
}

function recorded(name) {
  return JSON.parse(readFileSync(path.join(root, "bench", "results", name), "utf8"));
}

function between(text, page, marker, content) {
  const [start, end] = [`<!-- ${marker}:start -->`, `<!-- ${marker}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`Cannot write figures: ${page} has no ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** What is promised, and what was measured. Controls and counts of failures stay in the results. */
export function figuresText(report) {
  const topics = [...report.topics, ...report.newer.topics];
  const figures = ORDER.flatMap((name) => topics.find(({ topic }) => topic === name)?.figures ?? []);
  const promised = figures.filter(
    ({ name, bound, unit }) => bound !== undefined && UNITS.has(unit) && !name.startsWith("control:"),
  );
  const controls = figures
    .filter(({ name, unit }) => name.startsWith("control:") && unit === "×")
    .map(({ value }) => value);
  const rows = promised.map(({ name, value, unit, bound }) => [name, quantity(value, unit), quantity(bound, unit)]);
  return `${table(["figure", "measured", "at most"], ["left", "right", "right"], rows)}

Node ${report.node.slice(1)}, ${report.cores} cores, ${report.cpu}, ${report.date}; the yielding guests on Node ${report.newer.node.slice(1)}. The controls, the same thing against itself, were off by at most ${percent(Math.max(...controls))}. Rounds and programs: [bench/results/node20.json](bench/results/node20.json).`;
}

/** Topics in the order of what a reader wants to know first. */
const ORDER = [
  "javascript",
  "python",
  "kernels",
  "overshoot",
  "start",
  "state",
  "pool",
  "worker",
  "yielding",
  "tools",
  "files",
  "guests",
  "rewrite",
];

/** Units of what a reader pays: time, memory, a factor. */
const UNITS = new Set(["×", "µs", "ms", "s", "MB", "GB"]);

/** How to turn fuel into time. */
export function calibrationText(report) {
  const figures = report.topics.find(({ topic }) => topic === "calibration")?.figures ?? [];
  const suffix = ": fuel per CPU millisecond, geometric mean";
  const rows = figures
    .filter(({ name }) => name.endsWith(suffix))
    .map(({ name, value, rounds }) => [
      name.slice(0, -suffix.length),
      `${significant(value)} million`,
      `${significant(Math.min(...rounds))} to ${significant(Math.max(...rounds))} million`,
      `${significant(1_000 / value)} ms`,
    ]);
  return `${table(["", "units in a CPU millisecond", "from program to program", "1e9 units"], ["left", "right", "right", "right"], rows)}

Measured on Node ${report.node.slice(1)}, ${report.cpu}; geometric means, and the slowest and fastest of the programs of \`bench/\`. On another machine the milliseconds differ, the units do not.`;
}

function quantity(value, unit) {
  return unit === "×" ? `${value.toFixed(2)} ×` : `${significant(value)} ${unit}`;
}

function percent(ratio) {
  return `${significant((ratio - 1) * 100)} %`;
}

/** Two digits are what repeats from one measurement to the next. */
function significant(value) {
  if (value === 0) return "0";
  return value >= 10 ? String(Number(value.toPrecision(3))) : String(Number(value.toPrecision(2)));
}

/** A table with its columns aligned, as the formatter leaves it. */
function table(head, alignment, rows) {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)));
  const cells = (line) =>
    `| ${line.map((cell, column) => (alignment[column] === "right" ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (alignment[column] === "right" ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [cells(head), rule, ...rows.map(cells)].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { page, text, rendered } of renderPages()) {
    if (text === rendered) continue;
    writeFileSync(path.join(root, page), rendered);
    process.stdout.write(`figures: ${page}\n`);
  }
}
