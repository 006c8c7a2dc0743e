/**
 * Control characters, line and paragraph separators, and what changes the direction or the visibility of text: none of it
 * may break out of a comment, or make code look like something else (CVE-2021-42574).
 */
// oxlint-disable-next-line no-control-regex -- they are what is taken out
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const MAX_DESCRIPTION = 1_000;

/** A description as one line of harmless text. Descriptions may come from third parties, such as an MCP server. */
export function oneLine(description: string): string {
  const text = wellFormed(description).replace(INVISIBLE, " ").replaceAll(/\s+/g, " ").trim();
  return text.length > MAX_DESCRIPTION ? `${wellFormed(text.slice(0, MAX_DESCRIPTION))}…` : text;
}

/** As the inside of a block comment. */
export function blockCommentText(description: string): string {
  return oneLine(description).replaceAll("*/", "*∕").replaceAll("/*", "∕*");
}

/** As the inside of a Python docstring. */
export function docstringText(description: string): string {
  return oneLine(description).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

/** As a string literal of both languages. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Halves of surrogate pairs have no UTF-8. (`toWellFormed` is not everywhere yet.) */
function wellFormed(text: string): string {
  return text.replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}
