import type { Decoding } from "./decoding.ts";

/** Checks what only the whole module can tell: that what sections say of each other is true. */
export function checkModule(decoding: Decoding): void {
  const { reader, types, functionTypes, bodies, dataCount, dataLengths, tags, start } = decoding;
  const defined = functionTypes.length - decoding.importedFunctions;
  if (bodies.length !== defined * 2)
    reader.fail(`${defined} functions are declared but ${bodies.length / 2} have a body`);
  if (dataCount !== undefined && dataCount !== dataLengths.length)
    reader.fail("data count differs from the number of data segments");
  const namedType = Math.max(reader.largestType, decoding.instructions.largestType);
  if (namedType >= types.length) reader.fail(`type ${namedType} does not exist`);
  for (const type of functionTypes) {
    if (types[type]?.kind !== "function") reader.fail(`a function has type ${type}, which is not a function type`);
  }
  for (const type of tags) {
    if (types[type]?.kind !== "function") reader.fail(`a tag has type ${type}, which is not a function type`);
  }
  checkExports(decoding);
  if (start !== undefined && start >= functionTypes.length) reader.fail("start function does not exist");
}

function checkExports({ reader, functionTypes, tables, memories, globals, tags, exports }: Decoding): void {
  const sizes = {
    function: functionTypes.length,
    table: tables.length,
    memory: memories.length,
    global: globals.length,
    tag: tags.length,
  };
  const names = new Set<string>();
  for (const entry of exports) {
    if (entry.index >= sizes[entry.kind]) reader.fail(`export of a ${entry.kind} that does not exist`, entry.start);
    if (names.has(entry.name)) reader.fail("an export name is repeated", entry.start);
    names.add(entry.name);
  }
}
