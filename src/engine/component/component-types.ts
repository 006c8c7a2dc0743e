import type { ComponentReader } from "./component-reader.ts";
import { readCoreType } from "./core-types.ts";

/** What is known of a function's type. */
export interface FunctionShape {
  readonly kind: "function";
  readonly parameters: readonly string[];
  /** Whether it returns a `result` whose error is a string: then a host's failure can be told to the guest. */
  readonly tellsErrors: boolean;
}

/** An interface: its functions by name; methods and statics of resources among them, in brackets. */
export interface InstanceShape {
  readonly kind: "instance";
  readonly functions: ReadonlyMap<string, FunctionShape>;
}

/** A type definition, as far as it is of use here. */
export type TypeShape =
  | FunctionShape
  | InstanceShape
  | { readonly kind: "result"; readonly textError: boolean }
  | { readonly kind: "other" };

export const OTHER: TypeShape = { kind: "other" };

/** What an import or export is said to be. */
export interface ExternShape {
  readonly kind: "module" | "function" | "value" | "type" | "component" | "instance";
  /** Into the type index space; absent for types. */
  readonly type?: number;
}

/** Types nested in types. */
const MAX_DEPTH = 32;

/** `deftype` (Component Model, Binary.md, "Type Definitions"). */
export function readType(reader: ComponentReader, types: readonly TypeShape[], depth = 0): TypeShape {
  if (depth > MAX_DEPTH) reader.fail("types nest too deeply");
  const opcode = reader.byte();
  switch (opcode) {
    case 0x40:
    case 0x43:
      return readFunction(reader, types);
    case 0x41:
      readDeclarations(reader, depth, true);
      return OTHER;
    case 0x42:
      return { kind: "instance", functions: readDeclarations(reader, depth, false) };
    case 0x3f:
      readResource(reader);
      return OTHER;
    case 0x6a:
      readOptional(reader);
      return { kind: "result", textError: readOptional(reader) === STRING };
    default:
      readDefinedValue(reader, opcode);
      return OTHER;
  }
}

/** `string`, as a value type is read. */
const STRING = 0x73 - 0x80;

function readFunction(reader: ComponentReader, types: readonly TypeShape[]): FunctionShape {
  const parameters: string[] = [];
  for (let left = reader.count(); left > 0; left--) {
    parameters.push(reader.label());
    readValueType(reader);
  }
  const results = reader.byte();
  if (results === 1 && reader.byte() === 0) return { kind: "function", parameters, tellsErrors: false };
  if (results !== 0) reader.fail("a function has named results");
  const type = types[readValueType(reader)];
  return { kind: "function", parameters, tellsErrors: type?.kind === "result" && type.textError };
}

function readResource(reader: ComponentReader): void {
  if (reader.byte() !== 0x7f) reader.fail("a resource is not represented as i32");
  if (reader.byte() === 1) reader.u32();
}

function readDeclarations(reader: ComponentReader, depth: number, imports: boolean): Map<string, FunctionShape> {
  const functions = new Map<string, FunctionShape>();
  const types: TypeShape[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const opcode = reader.byte();
    if (opcode === 0) readCoreType(reader);
    else if (opcode === 1) types.push(readType(reader, types, depth + 1));
    else if (opcode === 2) {
      if (readAlias(reader) === "type") types.push(OTHER);
    } else if (opcode === 4 || (opcode === 3 && imports)) {
      const name = reader.externName();
      const extern = readExtern(reader);
      if (extern.kind === "type") types.push(OTHER);
      const type = extern.type === undefined ? undefined : types[extern.type];
      if (extern.kind === "function")
        functions.set(
          name,
          type?.kind === "function" ? type : { kind: "function", parameters: [], tellsErrors: false },
        );
    } else reader.fail(`a declaration has the unknown kind ${opcode}`);
  }
  return functions;
}

/** `externdesc`. */
export function readExtern(reader: ComponentReader): ExternShape {
  const opcode = reader.byte();
  switch (opcode) {
    case 0:
      if (reader.byte() !== 0x11) reader.fail("an external kind is not known");
      return { kind: "module", type: reader.u32() };
    case 1:
      return { kind: "function", type: reader.u32() };
    case 2:
      if (reader.byte() === 0) reader.u32();
      else readValueType(reader);
      return { kind: "value" };
    case 3:
      if (reader.byte() === 0) reader.u32();
      return { kind: "type" };
    case 4:
      return { kind: "component", type: reader.u32() };
    case 5:
      return { kind: "instance", type: reader.u32() };
    default:
      return reader.fail(`the external kind ${opcode} is not known`);
  }
}

/** `sort`; core sorts are "core". */
export function readSort(reader: ComponentReader): "core" | "function" | "value" | "type" | "component" | "instance" {
  const sort = reader.byte();
  if (sort === 0) {
    reader.byte();
    return "core";
  }
  const name = (["function", "value", "type", "component", "instance"] as const)[sort - 1];
  return name ?? reader.fail(`the sort ${sort} is not known`);
}

/** `alias`: returns what sort of thing it names anew. */
export function readAlias(reader: ComponentReader): ReturnType<typeof readSort> {
  const sort = readSort(reader);
  const target = reader.byte();
  if (target === 0) {
    reader.u32();
    reader.text();
  } else if (target === 1) {
    reader.u32();
    reader.coreName();
  } else if (target === 2) {
    reader.u32();
    reader.u32();
  } else reader.fail(`the alias target ${target} is not known`);
  return sort;
}

function readDefinedValue(reader: ComponentReader, opcode: number): void {
  if (isPrimitive(opcode)) return;
  switch (opcode) {
    case 0x72:
      for (let left = reader.count(); left > 0; left--) {
        reader.label();
        readValueType(reader);
      }
      return;
    case 0x71:
      for (let left = reader.count(); left > 0; left--) {
        reader.label();
        readOptional(reader);
        if (reader.byte() === 1) reader.u32();
      }
      return;
    case 0x70:
    case 0x6b:
      readValueType(reader);
      return;
    case 0x67:
      readValueType(reader);
      reader.u32();
      return;
    case 0x6f:
      for (let left = reader.count(); left > 0; left--) readValueType(reader);
      return;
    case 0x6e:
    case 0x6d:
      for (let left = reader.count(); left > 0; left--) reader.label();
      return;
    case 0x69:
    case 0x68:
      reader.u32();
      return;
    default:
      reader.fail(`the type ${opcode} is not supported`);
  }
}

function readOptional(reader: ComponentReader): number | undefined {
  const present = reader.byte();
  if (present > 1) reader.fail("an optional type is malformed");
  return present === 1 ? readValueType(reader) : undefined;
}

/** A primitive type's code is one byte with the sign bit of s33 set; anything else is an index. */
function readValueType(reader: ComponentReader): number {
  const code = reader.s33();
  if (code < 0 && !isPrimitive(code + 128)) reader.fail(`the primitive type ${code + 128} is not known`);
  return code;
}

/** bool to string, and error-context. */
function isPrimitive(opcode: number): boolean {
  return (opcode >= 0x73 && opcode <= 0x7f) || opcode === 0x64;
}
