import { jsonExcess } from "../json/json-bounds.ts";
import { parseData } from "../json/take-prototypes.ts";
import { REDACTED, redactKeys } from "./redact.ts";
import type { Redaction } from "./redact.ts";

/** Characters of JSON of one argument object or result that the log keeps whole. */
export const MAX_RECORDED = 16_384;
/** Characters that it keeps of a longer one. */
const PREVIEW = 1_024;

/** Text to be shown as JSON data, or as it stands. */
export interface RecordedText {
  readonly text: string;
  readonly isJson: boolean;
  readonly truncated: boolean;
}

const HIDDEN: RecordedText = { text: `"${REDACTED}"`, isJson: true, truncated: false };

/**
 * What the log keeps of JSON text. Arguments of a tool that redacts but cannot be read are left out altogether.
 * `readable`: the text is known to be JSON within the bounds.
 *
 * @throws what `redact` throws.
 */
export function recordText(
  json: string,
  redact: Redaction | undefined,
  part: "arguments" | "result",
  readable: boolean,
): RecordedText {
  // A function is for arguments: it would not know what to do with a result.
  const rule = part === "result" && typeof redact === "function" ? undefined : redact;
  const isJson = readable || isReadable(json);
  if (rule === undefined) return cut(json, isJson);
  if (!isJson) return HIDDEN;
  const data = parseData(json);
  const kept = typeof rule === "function" ? rule(data) : redactKeys(data, rule);
  const text = JSON.stringify(kept) as string | undefined;
  return text === undefined ? HIDDEN : cut(text, true);
}

/** As the record shows it; a new copy each time. */
export function shownData({ text, isJson }: RecordedText): unknown {
  return isJson ? parseData(text) : text;
}

function cut(text: string, isJson: boolean): RecordedText {
  if (text.length <= MAX_RECORDED) return { text, isJson, truncated: false };
  return { text: `${text.slice(0, PREVIEW)}…`, isJson: false, truncated: true };
}

function isReadable(json: string): boolean {
  if (jsonExcess(json) !== undefined) return false;
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}
