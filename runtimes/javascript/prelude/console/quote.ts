import { findText, join, sliceText, splitText, stringify } from "../intrinsics.ts";

const MAX_STRING = 10_000;

/** A string as node shows it inside a value. */
export function quote(text: string): string {
  const shown = text.length > MAX_STRING ? sliceText(text, 0, MAX_STRING) : text;
  const escaped = sliceText(stringify(shown), 1, -1);
  const rest = text.length > MAX_STRING ? `... ${text.length - MAX_STRING} more characters` : "";
  if (findText(shown, "'") < 0) return `'${join(splitText(escaped, '\\"'), '"')}'${rest}`;
  if (findText(shown, '"') < 0) return `"${escaped}"${rest}`;
  if (findText(shown, "`") < 0) return `\`${join(splitText(escaped, '\\"'), '"')}\`${rest}`;
  return `'${join(splitText(join(splitText(escaped, '\\"'), '"'), "'"), "\\'")}'${rest}`;
}
