import type { Language } from "./guest.ts";

/** What is known of a language before anything of it is loaded. */
export interface LanguageFacts {
  /** As it is written. */
  readonly title: string;
  /** What tracebacks call a source that was given no name. */
  readonly filename: string;
  /** Extensions of its source files. */
  readonly extensions: readonly string[];
  /** Other names that the command line takes for it. */
  readonly aliases?: readonly string[];
  /** Default of `limits.memoryBytes`, in MiB. */
  readonly memoryMiB: number;
  /** The least that it starts with, in MiB. Default: what every limit must be at least. */
  readonly minimumMiB?: number;
}

const MEBIBYTE = 2 ** 20;

/**
 * Every language. Minimum memory: CPython's image takes 30 MiB of linear memory, that of QuickJS with the type stripper
 * 5 MiB and as much to work with (without the stripper it is 2 MiB); Ruby, Perl and Lua ask for 34, 32 and 16 MiB before
 * they have run anything, PHP for 13.
 */
const FACTS: ReadonlyMap<Language, LanguageFacts> = new Map<Language, LanguageFacts>([
  [
    "javascript",
    { title: "JavaScript", filename: "main.js", extensions: [".js", ".mjs", ".cjs"], aliases: ["js"], memoryMiB: 64 },
  ],
  [
    "typescript",
    {
      title: "TypeScript",
      filename: "main.ts",
      extensions: [".ts", ".mts", ".cts"],
      aliases: ["ts"],
      memoryMiB: 64,
      minimumMiB: 12,
    },
  ],
  [
    "python",
    { title: "Python", filename: "main.py", extensions: [".py"], aliases: ["py"], memoryMiB: 256, minimumMiB: 40 },
  ],
  ["lua", { title: "Lua", filename: "main.lua", extensions: [".lua"], memoryMiB: 64, minimumMiB: 20 }],
  [
    "ruby",
    { title: "Ruby", filename: "main.rb", extensions: [".rb"], aliases: ["rb"], memoryMiB: 256, minimumMiB: 80 },
  ],
  ["php", { title: "PHP", filename: "main.php", extensions: [".php"], memoryMiB: 256, minimumMiB: 24 }],
  [
    "perl",
    { title: "Perl", filename: "main.pl", extensions: [".pl"], aliases: ["pl"], memoryMiB: 256, minimumMiB: 48 },
  ],
  ["sql", { title: "SQL", filename: "main.sql", extensions: [".sql"], aliases: ["sqlite"], memoryMiB: 128 }],
  [
    "bash",
    {
      title: "bash",
      filename: "main.sh",
      extensions: [".sh", ".bash"],
      aliases: ["sh"],
      memoryMiB: 128,
      minimumMiB: 32,
    },
  ],
]);

/** In the order in which messages list them. */
export const LANGUAGES: readonly Language[] = [...FACTS.keys()];

/** Facts of a language; undefined for what is none, such as the kinds of binaries. */
export function factsOf(language: string): LanguageFacts | undefined {
  return FACTS.get(language as Language);
}

/** Whether this is the name of a language. */
export function isLanguage(name: unknown): name is Language {
  return typeof name === "string" && FACTS.has(name as Language);
}

/** Default of `limits.memoryBytes` and the least that it may be, in bytes. Binaries have 256 MiB. */
export function memoryOf(language: string): { readonly usual: number; readonly least: number } {
  const { memoryMiB = 256, minimumMiB = 0 } = factsOf(language) ?? {};
  return { usual: memoryMiB * MEBIBYTE, least: minimumMiB * MEBIBYTE };
}

/** The language of a file by its extension, or of one of the names that people write. */
export function languageOf(text: string): Language | undefined {
  const wanted = text.toLowerCase();
  for (const [language, { extensions, aliases = [] }] of FACTS)
    if (language === wanted || extensions.includes(wanted) || aliases.includes(wanted)) return language;
  return undefined;
}
