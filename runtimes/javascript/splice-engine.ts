const CORE_MODULE_SECTION = 1;
const PREAMBLE_BYTES = 8;

/**
 * Puts the engine in the place of the empty core module that stands for it in the adapter's component.
 * Section layout: Component Model, "Binary Format Explainer", `section_1(<core:module>)`.
 */
export function spliceEngine(component: Uint8Array, engine: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [component.subarray(0, PREAMBLE_BYTES)];
  let replaced = 0;
  for (let at = PREAMBLE_BYTES; at < component.length;) {
    const [size, start] = readLeb(component, at + 1);
    const end = start + size;
    if (component[at] === CORE_MODULE_SECTION && isEmptyModule(component.subarray(start, end))) {
      pieces.push(Uint8Array.of(CORE_MODULE_SECTION), writeLeb(engine.length), engine);
      replaced++;
    } else pieces.push(component.subarray(at, end));
    at = end;
  }
  if (replaced !== 1) throw new Error(`Cannot build the component: ${replaced} empty core modules instead of one`);
  return new Uint8Array(Buffer.concat(pieces));
}

/** Only custom sections (the name). */
function isEmptyModule(module: Uint8Array): boolean {
  return module.length === PREAMBLE_BYTES || (module[PREAMBLE_BYTES] === 0 && module.length < 64);
}

function readLeb(bytes: Uint8Array, start: number): readonly [value: number, next: number] {
  let value = 0;
  let at = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) throw new Error("Cannot build the component: a section is cut short");
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

function writeLeb(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}
