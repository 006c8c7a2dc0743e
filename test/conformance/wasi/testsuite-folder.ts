import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** One module of WebAssembly/wasi-testsuite with what its runner knows of it. */
export interface SuiteCase {
  /** "c/lseek", for example. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The folder that stands beside the modules, to be mounted. */
  readonly directory: string | undefined;
  readonly exitCode: number;
  readonly stdout: string | undefined;
}

interface Description {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly dirs?: readonly string[];
  readonly exit_code?: number;
  readonly stdout?: string;
}

const LANGUAGES = ["assemblyscript", "c", "rust"];

/**
 * The preview 1 modules of a checkout of the suite's branch with the built modules (`prod/testsuite-base`). Its JSON
 * names the folder relative to the host; in a sandbox it is an absolute mount, and so is the argument that names it.
 */
export function suiteCases(folder: string): readonly SuiteCase[] {
  return LANGUAGES.flatMap((language) => {
    const modules = path.join(folder, "tests", language, "testsuite", "wasm32-wasip1");
    return readdirSync(modules)
      .filter((file) => file.endsWith(".wasm"))
      .sort()
      .map((file) => {
        const description = describe(path.join(modules, file.replace(/wasm$/, "json")));
        const directory = description.dirs?.[0];
        return {
          name: `${language}/${file.slice(0, -5)}`,
          file: path.join(modules, file),
          args: (description.args ?? []).map((arg) => (arg === directory ? `/${arg}` : arg)),
          env: description.env ?? {},
          directory: directory === undefined ? undefined : path.join(modules, directory),
          exitCode: description.exit_code ?? 0,
          stdout: description.stdout,
        };
      });
  });
}

function describe(file: string): Description {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Description;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}
