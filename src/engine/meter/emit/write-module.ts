import { ByteWriter } from "../../../internal/byte-writer.ts";
import { SECTION, type Section } from "../../binary/module.ts";
import { renumberNames } from "./name-section.ts";
import type { Rewrite } from "./rewrite.ts";
import { SectionWriter } from "./section-writer.ts";
import { writeCode } from "./write-code.ts";
import { writeSection } from "./write-section.ts";

/** Order of the sections that the result may need though the module has none. */
const ADDABLE: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.global,
  SECTION.export,
  SECTION.code,
];
const ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Writes the whole result. @throws WardianError `module-too-large` */
export function writeModule(rewrite: Rewrite): Uint8Array<ArrayBuffer> {
  const { bytes, sections } = rewrite.module;
  const out = new SectionWriter(rewrite.limits.outputBytes, Math.ceil(bytes.length * 1.4) + 1024);
  const add = (id: number, section: Section | undefined): void => {
    if (id === SECTION.start && rewrite.removeStart) return;
    if (id === SECTION.code) {
      writeCode(rewrite, out);
      return;
    }
    const payload = new ByteWriter(section === undefined ? 64 : section.end - section.start + 256);
    writeSection(rewrite, payload, id, section);
    out.append(id, payload);
  };
  let next = 0;
  for (const section of sections) {
    if (section.id === SECTION.custom) {
      addCustom(rewrite, out, section);
      continue;
    }
    const order = ORDER.indexOf(section.id);
    for (; next < ADDABLE.length; next++) {
      const id = ADDABLE[next] as number;
      const place = ORDER.indexOf(id);
      if (place > order) break;
      if (place < order) add(id, undefined);
    }
    if (section.id === ADDABLE[next]) next++;
    add(section.id, section);
  }
  for (; next < ADDABLE.length; next++) add(ADDABLE[next] as number, undefined);
  return out.finish();
}

/** Custom sections with byte offsets of code, or with facts about sections that change, are dropped. */
function addCustom(rewrite: Rewrite, out: SectionWriter, section: Section): void {
  const { name = "", start, end, contents } = section;
  const { module, injection } = rewrite;
  if (name.startsWith(".debug_") || name.startsWith("reloc.") || name.startsWith("metadata.code.")) return;
  if (name === "sourceMappingURL" || name === "linking" || name === "external_debug_info") return;
  const payload = new ByteWriter(end - start + 16);
  payload.copy(module.bytes, start, contents);
  if (name === "name") {
    const renumbered = renumberNames(module, contents, end, injection);
    if (renumbered === undefined) return;
    payload.bytes(renumbered);
  } else payload.copy(module.bytes, contents, end);
  out.append(SECTION.custom, payload);
}
