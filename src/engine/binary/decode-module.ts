import { WardianError } from "../../errors.ts";
import { DEFAULT_REWRITE_LIMITS, type RewriteLimits } from "../limits.ts";
import { checkModule } from "./check-module.ts";
import { Decoding } from "./decoding.ts";
import { SECTION, type WasmModule } from "./module.ts";
import { readSection } from "./sections/read-section.ts";

/**
 * Decodes the structure of a core module. Instructions inside function bodies are not read.
 *
 * Work and memory are linear in the input. Never throws anything but a `WardianError`.
 *
 * @throws WardianError `invalid-module` with the byte offset, or `module-too-large`.
 */
export function decodeModule(bytes: Uint8Array, limits: RewriteLimits = DEFAULT_REWRITE_LIMITS): WasmModule {
  if (bytes.length > limits.bytes) {
    throw new WardianError(
      "module-too-large",
      `Cannot meter module: it has ${bytes.length} bytes, at most ${limits.bytes} allowed`,
    );
  }
  checkMagic(bytes);
  const decoding = new Decoding(bytes, limits);
  const { reader, sections } = decoding;
  reader.position = 8;
  let previous = -1;
  while (reader.position < bytes.length) {
    reader.end = bytes.length;
    const at = reader.position;
    const id = reader.byte();
    const size = reader.u32();
    if (size > bytes.length - reader.position) reader.fail("section is longer than the module", at);
    const start = reader.position;
    reader.end = start + size;
    if (id === SECTION.custom) {
      const name = reader.name();
      sections.push({ id, start, end: reader.end, name, contents: reader.position, count: 0 });
      if (sections.length > limits.entries) reader.tooLarge("number of sections", sections.length, limits.entries);
      reader.position = reader.end;
      continue;
    }
    const order = ORDER.indexOf(id);
    if (order < 0) reader.fail(`unknown section ${id}`, at);
    if (order <= previous) reader.fail(`section ${id} is repeated or out of order`, at);
    previous = order;
    if (id !== SECTION.type) decoding.sealTypes();
    readSection(decoding, id);
    if (reader.position !== reader.end) reader.fail(`section ${id} has the wrong size`, at);
  }
  checkModule(decoding);
  return decoding.module();
}

/** Known sections in the only order in which they may stand. */
const ORDER: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.tag,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
];

function checkMagic(bytes: Uint8Array): void {
  if (bytes.length < 8 || bytes[0] !== 0x00 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new WardianError(
      "invalid-module",
      "Cannot meter module: it does not begin with the WebAssembly magic number",
    );
  }
  if (bytes[4] !== 1 || bytes[5] !== 0 || bytes[6] !== 0 || bytes[7] !== 0) {
    const what = bytes[6] === 1 ? "it is a component, not a core module" : "unknown binary version";
    throw new WardianError("invalid-module", `Cannot meter module: ${what}`);
  }
}
