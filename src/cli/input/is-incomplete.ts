import type { Language } from "../../guests/guest.ts";

/**
 * Whether a person typing `source` line by line has probably not finished: an open bracket, string or block.
 * A guess for the prompt only; an empty line always ends the input.
 */
export function isIncomplete(source: string, language: Language): boolean {
  return language === "python" ? isIncompletePython(source) : openBrackets(source, JAVASCRIPT_STRINGS);
}

function isIncompletePython(source: string): boolean {
  if (openBrackets(source, PYTHON_STRINGS)) return true;
  const lines = source.split("\n");
  const last = lines.at(-1) ?? "";
  if (last.endsWith("\\")) return true;
  // A block is open from its colon (or decorator) on, until an empty line.
  return lines.some((line) => /:\s*(#.*)?$/.test(line) || line.startsWith("@")) && last !== "";
}

/** Alternatives are tried in order: whole strings and comments are skipped, an opening without its end is the last alternative. */
const PYTHON_STRINGS = /"""[^]*?"""|'''[^]*?'''|"""|'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*|[()[\]{}]/g;
const JAVASCRIPT_STRINGS =
  /`(?:\\[^]|[^`\\])*`|`|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[^]*?\*\/|\/\*|[()[\]{}]/g;

const OPENINGS: ReadonlySet<string> = new Set(["`", '"""', "'''", "/*"]);

function openBrackets(source: string, tokens: RegExp): boolean {
  let depth = 0;
  for (const [token] of source.matchAll(tokens)) {
    if (OPENINGS.has(token)) return true;
    if (token === "(" || token === "[" || token === "{") depth++;
    else if (token === ")" || token === "]" || token === "}") depth--;
  }
  return depth > 0;
}
