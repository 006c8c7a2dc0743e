import { ends, limited, stopped, value } from "../harness/outcomes.ts";
import { sourcesOfCorpus } from "../harness/source-attack.ts";

export const javascriptExhaustionCorpus = sourcesOfCorpus(
  {
    E01: limited,
    E03: limited,
    E04: ends(/^(error (InternalError|RangeError):|limit stack)/),
    E06: stopped,
    E08: stopped,
    E09: stopped,
    E11: limited,
    E13: stopped,
    E14: stopped,
    E16: stopped,
    E18: stopped,
    E19: stopped,
    E21: limited,
    E23: limited,
    E24: stopped,
    E26: stopped,
    E28: limited,
    // Nobody calls it: functions cross as their text.
    E29: value({ toJSON: { opaque: "Function", text: "[Function: toJSON]" } }),
    E31: ends(/^(error |limit )/),
    E33: stopped,
    E34: stopped,
    // Finalizers run in the guest, if at all, on the guest's budget.
    E36: ends(/^(ok|limit )/),
  },
  { language: "javascript" },
);
