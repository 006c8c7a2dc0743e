import { WardianError } from "../../errors.ts";
import { ComponentReader } from "./component-reader.ts";
import { readCanonical } from "./canonical-functions.ts";
import { readCoreType } from "./core-types.ts";
import { OTHER, readAlias, readExtern, readSort, readType } from "./component-types.ts";
import type { ExternShape, FunctionShape, TypeShape } from "./component-types.ts";

/** A core module in a component, at any depth, in the order of the bytes. */
export interface EmbeddedModule {
  readonly bytes: Uint8Array;
}

/** What a component asks for. */
export interface ComponentImport {
  /** "wasi:cli/stdout@0.2.0", or a plain name. */
  readonly name: string;
  readonly kind: ExternShape["kind"];
  /** The functions of an instance by name; of a function itself, its own under "". */
  readonly functions: ReadonlyMap<string, FunctionShape>;
}

export interface ComponentExport {
  readonly name: string;
  readonly kind: ReturnType<typeof readSort>;
}

export interface ComponentDescription {
  readonly byteLength: number;
  readonly imports: readonly ComponentImport[];
  readonly exports: readonly ComponentExport[];
  readonly modules: readonly EmbeddedModule[];
}

/** Sections by number (Component Model, Binary.md). */
const SECTION = {
  custom: 0,
  module: 1,
  coreInstance: 2,
  coreType: 3,
  component: 4,
  instance: 5,
  alias: 6,
  type: 7,
  canon: 8,
  start: 9,
  import: 10,
  export: 11,
} as const;

const PREAMBLE_BYTES = 8;

/** Core modules, components in components, and bytes: bounds on what a hostile binary costs. */
const MAX_MODULES = 256;
const MAX_DEPTH = 16;
const MAX_BYTES = 64 * 2 ** 20;

/**
 * Reads a component without running or rewriting it. Every name in it is looked at, and an unusual one refused: see
 * `CORE_NAME`.
 *
 * @throws WardianError "invalid-module" or "module-too-large".
 */
export function readComponent(bytes: Uint8Array): ComponentDescription {
  if (bytes.length > MAX_BYTES)
    throw new WardianError("module-too-large", `Cannot read the component: it is larger than ${MAX_BYTES} bytes`);
  const modules: EmbeddedModule[] = [];
  const { imports, exports } = readAt(bytes, modules, 0);
  return { byteLength: bytes.length, imports, exports, modules };
}

interface Level {
  readonly imports: ComponentImport[];
  readonly exports: ComponentExport[];
  /** The type index space. */
  readonly types: TypeShape[];
}

function readAt(bytes: Uint8Array, modules: EmbeddedModule[], depth: number): Level {
  const level: Level = { imports: [], exports: [], types: [] };
  for (const { id, body, offset } of componentSections(bytes)) {
    const reader = new ComponentReader(body);
    if (id === SECTION.custom) {
      reader.text();
      continue;
    }
    if (id === SECTION.module) {
      if (modules.length >= MAX_MODULES) reader.fail(`it has more than ${MAX_MODULES} core modules`, offset);
      modules.push({ bytes: body });
      continue;
    }
    if (id === SECTION.component) {
      if (depth >= MAX_DEPTH) reader.fail("components nest too deeply", offset);
      readAt(body, modules, depth + 1);
      continue;
    }
    readSection(reader, id, level);
    if (reader.position !== reader.end) reader.fail(`section ${id} is longer than what it holds`, offset);
  }
  return level;
}

function readSection(reader: ComponentReader, id: number, level: Level): void {
  switch (id) {
    case SECTION.coreInstance:
      for (let left = reader.count(); left > 0; left--) readCoreInstance(reader);
      return;
    case SECTION.instance:
      for (let left = reader.count(); left > 0; left--) readInstance(reader);
      return;
    case SECTION.alias:
      for (let left = reader.count(); left > 0; left--) if (readAlias(reader) === "type") level.types.push(OTHER);
      return;
    case SECTION.type:
      for (let left = reader.count(); left > 0; left--) level.types.push(readType(reader, level.types));
      return;
    case SECTION.import:
      for (let left = reader.count(); left > 0; left--) readImport(reader, level);
      return;
    case SECTION.export:
      for (let left = reader.count(); left > 0; left--) readExport(reader, level);
      return;
    case SECTION.coreType:
      for (let left = reader.count(); left > 0; left--) readCoreType(reader);
      return;
    case SECTION.canon:
      for (let left = reader.count(); left > 0; left--) readCanonical(reader);
      return;
    case SECTION.start:
      // It holds indices only.
      reader.position = reader.end;
      return;
    default:
      reader.fail(`section ${id} is not known`);
  }
}

function readCoreInstance(reader: ComponentReader): void {
  const form = reader.byte();
  if (form === 0) reader.u32();
  else if (form !== 1) reader.fail("a core instance is malformed");
  for (let left = reader.count(); left > 0; left--) {
    reader.coreName();
    reader.byte();
    reader.u32();
  }
}

function readInstance(reader: ComponentReader): void {
  const form = reader.byte();
  if (form === 0) reader.u32();
  else if (form !== 1) reader.fail("an instance is malformed");
  for (let left = reader.count(); left > 0; left--) {
    if (form === 0) reader.coreName();
    else reader.externName();
    readSort(reader);
    reader.u32();
  }
}

function readImport(reader: ComponentReader, { imports, types }: Level): void {
  const name = reader.externName();
  const extern = readExtern(reader);
  const type = extern.type === undefined ? undefined : types[extern.type];
  const functions = type?.kind === "instance" ? type.functions : new Map<string, FunctionShape>();
  imports.push({
    name,
    kind: extern.kind,
    functions: type?.kind === "function" ? new Map([["", type]]) : functions,
  });
  if (extern.kind === "type") types.push(OTHER);
}

function readExport(reader: ComponentReader, { exports, types }: Level): void {
  const name = reader.externName();
  const kind = readSort(reader);
  reader.u32();
  if (reader.byte() === 1) readExtern(reader);
  exports.push({ name, kind });
  if (kind === "type") types.push(OTHER);
}

/** A section of a component, its body without id and length. */
export interface ComponentSection {
  readonly id: number;
  readonly body: Uint8Array;
  readonly offset: number;
}

/** The sections of one level; throws if the preamble is not that of a component. */
export function* componentSections(bytes: Uint8Array): Generator<ComponentSection> {
  const reader = new ComponentReader(bytes);
  const preamble = reader.range(PREAMBLE_BYTES);
  if (preamble.join() !== "0,97,115,109,13,0,1,0")
    reader.fail("it is not a component of the current binary version", 0);
  while (reader.position < reader.end) {
    const offset = reader.position;
    const id = reader.byte();
    yield { id, offset, body: reader.range(reader.u32()) };
  }
}
