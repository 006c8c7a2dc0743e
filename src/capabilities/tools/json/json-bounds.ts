/** How far JSON text may go, both ways. */
export const JSON_BOUNDS = {
  /** UTF-16 units of text. */
  characters: 1_048_576,
  /** Arrays and objects inside each other. */
  depth: 100,
  /** Texts, numbers, arrays and so on, all together: objects cost the host some tens of bytes each, however short their text. */
  values: 100_000,
} as const;

/**
 * What is too much about JSON text, in words; undefined if nothing is. One pass, no allocation: asked before the text is
 * parsed, so that a deep one never becomes a deep object in the host.
 */
export function jsonExcess(json: string): string | undefined {
  const { characters, depth: deepest, values: most } = JSON_BOUNDS;
  if (json.length > characters) return `are ${json.length} characters of JSON, above the ${characters} allowed`;
  // What closes all that it opens is half as deep as it is long; what doesn't is no JSON and becomes nothing.
  if (json.length <= 2 * deepest) return undefined;
  let depth = 0;
  let values = 1;
  let inString = false;
  let opened = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index++;
      else if (code === QUOTE) inString = false;
      continue;
    }
    if (code <= SPACE) continue;
    const closes = code === CLOSE_BRACKET || code === CLOSE_BRACE;
    // A container that holds something holds one value more than commas.
    if (opened && !closes) values++;
    opened = false;
    if (code === QUOTE) inString = true;
    else if (code === COMMA) values++;
    else if (closes) depth--;
    else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      opened = true;
      if (++depth > deepest) return `nest deeper than ${deepest} levels`;
    }
  }
  return values > most ? `hold ${values} values, above the ${most} allowed` : undefined;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
