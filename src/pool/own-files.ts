import type { SandboxOptions } from "../sandbox/options.ts";

/** The options for one sandbox of many: with directories of its own, where there can be a second one. */
export function withOwnFiles(options: SandboxOptions): SandboxOptions {
  const { files } = options;
  if (typeof files !== "object" || files === null) return options;
  return {
    ...options,
    files: Object.fromEntries(Object.entries(files).map(([path, system]) => [path, system?.fork?.() ?? system])),
  };
}
