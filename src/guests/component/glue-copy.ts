import { WardianError } from "../../errors.ts";
import { Resource } from "../../wasi/preview2/host/preview2-host.ts";
import type { GlueState, HandleTable } from "./glue-state.ts";

/** What the glue keeps of a component, as data: resources of the host's by their numbers in the host's own state. */
export interface GlueCopy {
  /** Words and made representations of each table; undefined for a number without one. */
  readonly tables: readonly (readonly [words: readonly number[], made: readonly number[]] | undefined)[];
  readonly captures: readonly (CaptureCopy | undefined)[];
}

type CaptureCopy = readonly [last: number, objects: readonly (readonly [rep: number, resource: number])[]];

/** The host objects that a component has handles of. */
export function capturedResources({ captures }: GlueState): readonly Resource[] {
  return captures.flatMap((capture) => (capture === undefined ? [] : [...capture.objects.values()].map(asResource)));
}

/** @throws WardianError "unsupported" for handles that are lent, or of no resource of the host's */
export function copyGlue({ handleTables, captures }: GlueState, numberOf: (resource: Resource) => number): GlueCopy {
  const tables = dense(handleTables, (table) => {
    const words = Array.from(table);
    if (!isHandleTable(words)) throw refusal("a handle is lent");
    const held = new Set(words.map((word) => word & ~FLAG));
    return [words, [...table._createdReps].filter((rep) => held.has(rep))] as const;
  });
  return {
    tables,
    captures: dense(captures, ({ objects, last }): CaptureCopy => [
      last,
      Array.from(objects, ([rep, object]) => [rep, numberOf(asResource(object))] as const),
    ]),
  };
}

/** Puts a copy, which may be forged, into glue that has just been made; false if it is none of this component's. */
export function restoreGlue(
  copy: unknown,
  { handleTables, captures }: GlueState,
  resources: readonly Resource[],
): boolean {
  const { tables, captures: captured } = fieldsOf(copy);
  if (!Array.isArray(tables) || !Array.isArray(captured)) return false;
  // The glue makes tables as components hand resources to each other: a copy may have more than blank glue.
  if (tables.length < handleTables.length || tables.length > MAX_TABLES) return false;
  if (captured.length !== captures.length) return false;
  const used = new Set<Resource>();
  return (
    (tables as unknown[]).every((table, index) => {
      if (table === undefined) return handleTables[index] === undefined;
      return restoreTable(table, (handleTables[index] ??= emptyTable()));
    }) &&
    captures.every((capture, index) => {
      const [last, objects] = listOf((captured as unknown[])[index]);
      if (!isRep(last, true) || !Array.isArray(objects)) return false;
      capture.last = last;
      return (objects as unknown[]).every((entry) => {
        const [rep, number] = listOf(entry);
        const resource = typeof number === "number" ? resources[number] : undefined;
        // One handle each: else the first to be dropped would close what the other stands for.
        if (resource === undefined || used.has(resource) || !isRep(rep, false) || rep > last) return false;
        used.add(resource);
        capture.objects.set(rep, resource);
        return true;
      });
    })
  );
}

/** The flag of jco's tables: in the first word of a pair "free", in the second "owned". */
const FLAG = 1 << 30;

/** As many as resources that a component could define in a sensible size. */
const MAX_TABLES = 1_024;

function emptyTable(): HandleTable {
  return Object.assign([FLAG, 0], { _createdReps: new Set<number>() });
}

/** As many handles as jco could give numbers to, by far more than the host lets a component hold. */
const MAX_WORDS = 2 ** 20;

/** Whether these are the words of a table between two calls: every handle owned, every other place in the free list once. */
function isHandleTable(words: readonly unknown[]): words is readonly number[] {
  const { length } = words;
  if (length < 2 || length % 2 !== 0 || length > MAX_WORDS || !words.every(isWord) || words[1] !== 0) return false;
  const numbers: readonly number[] = words;
  const free = new Set<number>();
  for (let at = (numbers[0] ?? 0) & ~FLAG; at !== 0; at = (numbers[at * 2] ?? 0) & ~FLAG) {
    if (at * 2 >= length || free.has(at) || ((numbers[at * 2] ?? 0) & FLAG) === 0) return false;
    free.add(at);
  }
  for (let at = 1; at * 2 < length; at++) {
    const rep = numbers[at * 2 + 1] ?? 0;
    if (!free.has(at) && (numbers[at * 2] !== 0 || (rep & FLAG) === 0 || (rep & ~FLAG) === 0)) return false;
  }
  return true;
}

function restoreTable(copy: unknown, table: HandleTable): boolean {
  const [words, made] = listOf(copy);
  if (!Array.isArray(words) || !isHandleTable(words) || !Array.isArray(made)) return false;
  if (!(made as unknown[]).every((rep) => isRep(rep, true))) return false;
  table.length = 0;
  for (const word of words) table.push(word);
  for (const rep of made as number[]) table._createdReps.add(rep);
  return true;
}

function isWord(value: unknown): value is number {
  return typeof value === "number" && value === (value | 0);
}

function isRep(value: unknown, orNone: boolean): value is number {
  return isWord(value) && value >= (orNone ? 0 : 1) && value < FLAG;
}

function asResource(object: object): Resource {
  if (object instanceof Resource) return object;
  throw refusal("it has a handle of what is no resource of WASI");
}

function refusal(why: string): WardianError {
  return new WardianError("unsupported", `Cannot copy a component: ${why}`);
}

/** With undefined for holes, which numbers of tables may leave. */
function dense<T, R>(list: readonly T[], copy: (item: T) => R): (R | undefined)[] {
  return Array.from({ length: list.length }, (_, index) => {
    const item = list[index];
    return item === undefined ? undefined : copy(item);
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
