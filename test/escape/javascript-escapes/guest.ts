import type { SourceOptions } from "../harness/source-attack.ts";

/** What the corpus calls the host's functions. */
export const JAVASCRIPT: SourceOptions = {
  language: "javascript",
  before:
    "const hostCall = tools.call.sync, hostThrow = tools.fail.sync, hostAsync = tools.later, hostCallback = tools.call.sync; undefined",
};
