import { ends, error, limited, stopped } from "../harness/outcomes.ts";
import { sourcesOfCorpus } from "../harness/source-attack.ts";

const tooLarge = ends(/^(error MemoryError:|limit memory)/);

export const pythonExhaustionCorpus = sourcesOfCorpus(
  {
    F02: limited,
    F03: limited,
    F05: tooLarge,
    F07: stopped,
    F08: error("RecursionError"),
    F10: ends(/^(error (SyntaxError|MemoryError):|limit stack)/),
    F12: ends(/^(error RecursionError:|limit stack)/),
    F13: error("ValueError"),
    F15: ends(/^(error MemoryError:|limit (memory|fuel|time))/),
    F17: tooLarge,
    F18: tooLarge,
    F20: ends(/^(error AttributeError:|limit )/),
    F22: ends(/^limit (fuel|time|memory)/),
    F23: limited,
    F25: error("RuntimeError"),
    F27: ends(/^(error OSError:|limit (files|fuel|time))/),
    F28: stopped,
    F30: ends(/^(ok|error MemoryError:|limit )/),
  },
  { language: "python" },
);
