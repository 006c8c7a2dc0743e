import type { SourceOptions } from "../harness/source-attack.ts";
import type { CorpusEntry } from "../harness/attack.ts";

export const PYTHON: SourceOptions = { language: "python" };

/** The corpus leaves what it found in `r`: the last expression shows it. */
export const showingR = ({ code }: CorpusEntry): string => (/(^|[\n;:] ?)r=/.test(code) ? `${code}\nr` : code);
