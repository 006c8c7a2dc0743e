import type { LiveInterpreter } from "../interpreter/interpreter.ts";
import { bytesAt, SQLITE, textAt, textOf, TYPE } from "./sqlite-api.ts";

/** The rows of one statement. */
export interface ResultTable {
  readonly columns: readonly string[];
  /** Each cell by the grammar of a run's value. */
  readonly rows: readonly (readonly string[])[];
  /** Whether there were more rows than fit. */
  readonly truncated: boolean;
}

/** Fuel for what the host does for each cell. */
const CELL_UNITS = 4_000;

/** Steps a statement to its end, or to the first code that is neither a row nor the end. Keeps at most `maxBytes` of rows. */
export function readTable(
  live: LiveInterpreter,
  statement: number,
  maxBytes: number,
): { readonly code: number; readonly table: ResultTable | undefined } {
  const { fuel } = live.host;
  const step = live.function("sqlite3_step");
  const count = live.function("sqlite3_column_count")(statement);
  const columns = Array.from({ length: count }, (_, index) =>
    textAt(live, live.function("sqlite3_column_name")(statement, index)),
  );
  const rows: string[][] = [];
  let bytes = 0;
  let truncated = false;
  let code = step(statement);
  while (code === SQLITE.ROW && fuel.charge(count * CELL_UNITS)) {
    if (!truncated) {
      const row = columns.map((_, index) => cell(live, statement, index));
      bytes += row.reduce((sum, text, index) => sum + text.length + (columns[index]?.length ?? 0) + 4, 8);
      if (bytes <= maxBytes) rows.push(row);
      else truncated = true;
    }
    code = step(statement);
  }
  return { code, table: count === 0 ? undefined : { columns, rows, truncated } };
}

/** A table as a value: a list of objects. Of columns of one name the last counts. */
export function encodeTable({ columns, rows }: ResultTable): string {
  const names = columns.map((name) => JSON.stringify(name));
  return `[${rows.map((row) => `{"o":[${row.map((text, index) => `${names[index] ?? '""'},${text}`).join(",")}]}`).join(",")}]`;
}

function cell(live: LiveInterpreter, statement: number, index: number): string {
  const read = (name: string): number => live.function(`sqlite3_column_${name}`)(statement, index);
  switch (read("type")) {
    case TYPE.INTEGER:
      return integer(read("int64") as unknown as bigint);
    case TYPE.FLOAT:
      return real(read("double"));
    case TYPE.TEXT: {
      // The address first: asking for it converts, and the length is that of what it converted to.
      const address = read("text");
      return JSON.stringify(textOf(live, address, read("bytes")));
    }
    case TYPE.BLOB: {
      const address = read("blob");
      return `{"b":"${base64(bytesAt(live, address, read("bytes")))}"}`;
    }
    default:
      return "null";
  }
}

function integer(value: bigint): string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? String(number) : `{"i":"${value}"}`;
}

function real(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '{"n":"-0"}' : String(value);
  return `{"n":"${value}"}`;
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
