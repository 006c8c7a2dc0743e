import type { HostFile } from "../host-file/host-file.ts";
import { fileCalls } from "../emscripten/file-calls.ts";
import { processCalls } from "../emscripten/process-calls.ts";
import type { ImportCall, InterpreterDriver, LiveInterpreter } from "../interpreter/interpreter.ts";
import { placeText } from "../interpreter/place-text.ts";
import { encodeTable, readTable } from "./result-table.ts";
import type { ResultTable } from "./result-table.ts";
import { SQLITE, textAt } from "./sqlite-api.ts";
import { linkToolFunction } from "./tool-function.ts";

const OPEN_READWRITE_CREATE = 6;
const UTF8 = 1;
/** Says that a function marks its results (https://www.sqlite.org/c3ref/c_deterministic.html). */
const RESULT_SUBTYPE = 0x0100_0000;

/** SQLite, by its C API: the source is a list of statements, run on a database in memory that stays from run to run. */
export const sqlDriver: InterpreterDriver = {
  language: "sql",
  imports: new Map<string, ImportCall>([...fileCalls, ...processCalls]),
  memoryImport: { initialPages: 128 },
  link: linkToolFunction,
  boot(live, _prelude, linked) {
    live.function("__wasm_call_ctors")();
    live.function("sqlite3_initialize")();
    const place = live.function("sqlite3_malloc")(4);
    const memory = placeText(live, live.function("sqlite3_malloc"), ":memory:");
    const opened = live.function("sqlite3_open_v2")(memory.at, place, OPEN_READWRITE_CREATE, 0);
    const database = live.memory.u32(place) ?? 0;
    const name = placeText(live, live.function("sqlite3_malloc"), "tool");
    const made = live.function("sqlite3_create_function_v2")(
      database,
      name.at,
      -1,
      UTF8 | RESULT_SUBTYPE,
      0,
      linked,
      0,
      0,
      0,
    );
    if (opened !== SQLITE.OK || made !== SQLITE.OK) throw new Error("no database was opened");
    return database;
  },
  enter(live, database, file) {
    const request = JSON.parse(file.receive()) as { source: string; filename: string; seed?: number };
    // Another sandbox's random numbers would else be this one's.
    if (request.seed !== undefined) live.function("sqlite3_randomness")(0, 0);
    run(live, database, file, request);
    return true;
  },
};

interface Source {
  readonly source: string;
  readonly filename: string;
}

/** Tables before the last are printed, tab-separated; the last is the run's value. */
function run(live: LiveInterpreter, database: number, file: HostFile, { source, filename }: Source): void {
  const malloc = live.function("sqlite3_malloc");
  const { at, length } = placeText(live, malloc, source);
  const out = malloc(8) >>> 0;
  if (at === 0 || out === 0) {
    tell(file, { name: "MemoryError", message: "out of memory", line: 1, filename });
    return;
  }
  let last: ResultTable | undefined;
  let next = at;
  const end = at + length;
  while (next < end && !live.host.fuel.stopping) {
    const from = next;
    const prepared = live.function("sqlite3_prepare_v2")(database, from, end - from + 1, out, out + 4);
    const statement = live.memory.u32(out) ?? 0;
    next = live.memory.u32(out + 4) ?? end;
    if (prepared !== SQLITE.OK) {
      fail(live, { database, file, filename, code: prepared, text: source, offset: from - at });
      break;
    }
    if (statement === 0) {
      if (next <= from) break;
      continue;
    }
    const { code, table } = readTable(live, statement, file.valueBytes);
    if (code !== SQLITE.DONE) {
      fail(live, { database, file, filename, code, text: source, offset: from - at });
      live.function("sqlite3_finalize")(statement);
      break;
    }
    live.function("sqlite3_finalize")(statement);
    if (table === undefined) continue;
    if (last !== undefined) print(live, last);
    last = table;
  }
  live.function("sqlite3_free")(at);
  live.function("sqlite3_free")(out);
  if (last?.truncated === true) file.tell({ tooLarge: true });
  else file.tell({ value: last === undefined ? '{"u":1}' : encodeTable(last) });
}

const encoder = new TextEncoder();

function print({ host }: LiveInterpreter, { columns, rows }: ResultTable): void {
  const lines = [columns.join("\t"), ...rows.map((row) => row.map(shown).join("\t"))];
  const bytes = encoder.encode(`${lines.join("\n")}\n`);
  host.fuel.charge(bytes.length * 4);
  host.powers.output.write("stdout", bytes);
}

function shown(cell: string): string {
  if (cell === "null") return "";
  const value = JSON.parse(cell) as unknown;
  return typeof value === "object" && value !== null ? String(Object.values(value)[0]) : String(value);
}

interface Failure {
  readonly database: number;
  readonly file: HostFile;
  readonly filename: string;
  readonly code: number;
  readonly text: string;
  /** In bytes, where the statement begins. */
  readonly offset: number;
}

function fail(live: LiveInterpreter, { database, file, filename, code, text, offset }: Failure): void {
  const message = textAt(live, live.function("sqlite3_errmsg")(database));
  // Where in the statement, if SQLite knows; else where it begins.
  const within = live.function("sqlite3_error_offset")(database);
  const bytes = encoder.encode(text).subarray(0, offset + Math.max(0, within));
  const start = encoder
    .encode(text)
    .subarray(offset)
    .findIndex((byte) => byte > SPACE);
  const upTo = within >= 0 ? bytes : encoder.encode(text).subarray(0, offset + Math.max(0, start));
  const line = upTo.reduce((sum, byte) => (byte === NEWLINE ? sum + 1 : sum), 1);
  const name = code === SQLITE.NOMEM ? "MemoryError" : "SqlError";
  tell(file, { name, message, line, filename });
}

const NEWLINE = 10;
const SPACE = 32;

function tell(
  file: HostFile,
  { filename, ...error }: { name: string; message: string; line: number; filename: string },
): void {
  const traceback = `${filename}:${error.line}: ${error.message}\n`;
  file.tell({ error: JSON.stringify({ ...error, traceback }) });
}
