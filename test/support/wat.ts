import { parse } from "@bytecodealliance/jco";

/** The binary of a module or component in the text format. */
export async function wat(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await parse(text));
}
