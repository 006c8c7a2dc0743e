import { ByteWriter } from "../../internal/byte-writer.ts";
import { componentSections } from "./read-component.ts";

const PREAMBLE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
const CUSTOM = 0;
const MODULE = 1;
const COMPONENT = 4;

/**
 * The same component with other core modules, `replace` being asked for each in the order of the bytes. Custom sections
 * are left out: names and documentation are text that nobody has looked at.
 */
export function replaceModules(
  bytes: Uint8Array,
  replace: (module: Uint8Array) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(4_096);
  writer.bytes(PREAMBLE);
  for (const { id, body } of componentSections(bytes)) {
    if (id === CUSTOM) continue;
    const content = id === MODULE ? replace(body) : id === COMPONENT ? replaceModules(body, replace) : body;
    writer.byte(id);
    writer.u32(content.length);
    writer.bytes(content);
  }
  return writer.finish();
}
