// One step of the agent's run, in a process that is killed right behind it: node step.mjs DATABASE
// All that is kept lies in SQLite: the snapshot of the sandbox, and the answers to its tool calls.
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import sqlite from "node-sqlite3-wasm";
import { memoryDirectory, Sandbox, tool } from "wardian";

const [path = "agent.db"] = process.argv.slice(2);

// The lock of a process that was killed; this program is the only one that uses the database, one process at a time.
rmSync(`${path}.lock`, { recursive: true, force: true });
const db = new sqlite.Database(path);
db.exec("CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY CHECK (id = 1), snapshot BLOB, value TEXT)");
db.exec("CREATE TABLE IF NOT EXISTS answer (call INTEGER PRIMARY KEY, tool TEXT, result TEXT)");

// A snapshot decides what the guest goes on with, so only one that this program has signed is taken back.
const key = new Uint8Array(
  createHash("sha256")
    .update(process.env.AGENT_SECRET ?? "for this example only")
    .digest(),
);

const work = {
  find_flights: ({ to }) => [
    { id: "TP571", price: 310, to },
    { id: "LH1166", price: 280, to },
  ],
  find_hotel: ({ below }) => ({ name: "Pensao Fern", price: Math.min(75, below) }),
  ask_human: () => "yes",
  book: ({ flight, hotel }) => `${flight} + ${hotel}`,
};

const options = {
  language: "python",
  files: { "/work": memoryDirectory() },
  // In a suspended run nobody calls these: they say what tools there are. The work is done below, and its result kept first.
  tools: Object.fromEntries(Object.keys(work).map((name) => [name, tool({ run: work[name] })])),
};

const stored = db.get("SELECT snapshot, value FROM run");
let result;
if (stored === null) {
  const sandbox = await Sandbox.create(options);
  result = await sandbox.run(readFileSync(new URL("agent.py", import.meta.url), "utf8"), { suspend: "on-tool" });
  await keep(sandbox, result);
} else if (stored.value === null) {
  const sandbox = await Sandbox.restore(stored.snapshot, { ...options, key });
  result = await sandbox.resume(sandbox.pending.map((call) => ({ id: call.id, result: answerTo(call) })));
  await keep(sandbox, result);
} else {
  tell("done", stored.value);
}

/** A call is answered once: were the process killed behind this, the next one would find the answer and not book twice. */
function answerTo({ id, tool: name, arguments: given }) {
  const known = db.get("SELECT result FROM answer WHERE call = ?", id);
  if (known !== null) return JSON.parse(known.result);
  const answer = work[name](given);
  db.run("INSERT INTO answer VALUES (?, ?, ?)", [id, name, JSON.stringify(answer)]);
  return answer;
}

async function keep(sandbox, { status, pending, value, error }) {
  if (status === "suspended") {
    const snapshot = await sandbox.snapshot({ key });
    db.run("INSERT OR REPLACE INTO run VALUES (1, ?, NULL)", [snapshot]);
    tell("suspended", `${pending.map((call) => call.tool).join(", ")} (${snapshot.length >> 10} KiB)`);
  } else if (status === "ok") {
    db.run("INSERT OR REPLACE INTO run VALUES (1, NULL, ?)", [value]);
    tell("ended", value);
  } else {
    throw new Error(`The agent ended as ${status}: ${error?.traceback ?? ""}`);
  }
}

/** Says how far it came, and then waits to be killed. */
function tell(what, detail) {
  process.stdout.write(`${what} ${detail}\n`);
  setInterval(() => undefined, 1_000);
}
