import { ByteWriter } from "../../../internal/byte-writer.ts";
import { SECTION } from "../../binary/module.ts";
import type { FunctionPlan } from "../plan/edits.ts";
import { BodyEmitter } from "./emit-body.ts";
import type { Rewrite } from "./rewrite.ts";
import type { SectionWriter } from "./section-writer.ts";

/** Writes the code section and, before it, the hints which of its branches are hardly ever taken. */
export function writeCode(rewrite: Rewrite, sections: SectionWriter): void {
  const { module, injection, edits, plans, branchHints } = rewrite;
  const defined = plans.length;
  const code = new ByteWriter(Math.ceil(module.bytes.length * 1.3) + 1024);
  const hints = new ByteWriter(1024);
  let hinted = 0;
  const emitter = new BodyEmitter(module, injection, edits);
  code.u32(defined + injection.functions.length);
  for (let index = 1; index <= defined; index++) {
    const body = index % defined;
    emitter.emit(code, body, plans[body] as FunctionPlan);
    sections.check(code.length);
    if (emitter.unlikely.length === 0) continue;
    hinted++;
    hints.u32(module.importedFunctions + index);
    hints.u32(emitter.unlikely.length);
    for (const offset of emitter.unlikely) {
      hints.u32(offset);
      hints.byte(1);
      hints.byte(0);
    }
  }
  for (const { body } of injection.functions) {
    code.u32(body.length);
    code.bytes(body);
  }
  if (branchHints && hinted > 0) {
    const section = new ByteWriter(hints.length + 64);
    section.name("metadata.code.branch_hint");
    section.u32(hinted);
    section.bytes(hints.view());
    sections.append(SECTION.custom, section);
  }
  sections.append(SECTION.code, code);
}
