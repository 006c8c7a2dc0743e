import { open } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { Language } from "../../guests/guest.ts";
import { languageOf, LANGUAGES } from "../../guests/language-facts.ts";
import { UsageError } from "./usage-error.ts";

export interface Source {
  readonly language: Language;
  readonly filename: string;
  readonly text: string;
}

/** Reads FILE, or standard input for "-". The language is `named`, or comes from the extension. */
export async function readSource(file: string, named: string | undefined): Promise<Source> {
  const language = languageOf(named ?? extname(file));
  if (named !== undefined && language === undefined)
    throw new UsageError(`--language takes ${LANGUAGES.join(", ")}, not "${named}"`);
  if (language === undefined) {
    throw new UsageError(
      `cannot tell the language of "${file}" from its extension; say --language=, with one of ${LANGUAGES.join(", ")}`,
    );
  }
  if (file === "-")
    return {
      language,
      filename: "stdin",
      text: decode("standard input", await collect(process.stdin, "standard input")),
    };
  return { language, filename: basename(file), text: decode(file, await readBytes(file)) };
}

/** Larger than any source or module that a sandbox or the meter would take. */
const MAX_FILE_BYTES = 256 * 2 ** 20;

/** Reads a file that the user named, with an error that says what to do. Endless ones (devices) are cut off. */
export async function readBytes(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const handle = await open(file);
    try {
      return await collect(handle.createReadStream({ autoClose: false }), file);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const why = REASONS.get(code) ?? `it cannot be read (${code})`;
    throw new UsageError(`cannot read "${file}": ${why}`, { cause });
  }
}

async function collect(stream: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > MAX_FILE_BYTES)
      throw new UsageError(`cannot read "${name}": it is larger than ${MAX_FILE_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["EISDIR", "it is a directory"],
  ["EACCES", "permission denied"],
]);

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UsageError(`cannot read "${file}": it is not UTF-8 text`, { cause });
  }
}
