import assert from "node:assert/strict";
import { ends, error, later, outcomeOf, value } from "../harness/outcomes.ts";
import { sourcesOfCorpus } from "../harness/source-attack.ts";
import { JAVASCRIPT } from "./guest.ts";

export const javascriptEscapeCorpus = sourcesOfCorpus(
  {
    A01: value("undefined"),
    A03: later("undefined"),
    // A function of the guest's own, which crosses as its text only.
    A05: (result) => {
      assert.equal(result.status, "ok", outcomeOf(result));
      assert.equal((result.value as { readonly opaque: string }).opaque, "Function");
    },
    A06: value("undefinedundefinedundefined"),
    A08: later("denied"),
    A10: value("undefined"),
    A11: value("undefined"),
    A13: value("undefined"),
    A15: ends(/^(ok ("undefined"|"[^"]*main\.js[^"]*"|undefined)$|error TypeError)/),
    A16: ends(/^ok "(null|undefined|TypeError)"/),
    A18: async (result, sandbox) => {
      assert.equal(result.status, "ok", outcomeOf(result));
      await sandbox.reset();
      value([2])(await sandbox.run("[1].map((x) => x + 1)"));
    },
    A20: ends(/^ok /),
    // The proxy is asked for its own data, once, inside the guest; what crosses is plain.
    A21: async (result, sandbox) => {
      assert.equal(result.status, "ok", outcomeOf(result));
      const asked = await sandbox.run("(globalThis.ks ?? '').length < 10_000");
      value(true)(asked);
    },
    A23: error("ReferenceError"),
    A25: error("ReferenceError"),
    A26: value("undefinedundefinedundefinedundefined"),
  },
  JAVASCRIPT,
);
