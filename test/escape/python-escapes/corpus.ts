import assert from "node:assert/strict";
import { ends, error, harmless, outcomeOf, value } from "../harness/outcomes.ts";
import { sourcesOfCorpus } from "../harness/source-attack.ts";
import { PYTHON, showingR } from "./guest.ts";

const absent = error("ModuleNotFoundError");

export const pythonEscapeCorpus = sourcesOfCorpus(
  {
    B02: absent,
    B04: absent,
    B05: absent,
    B07: absent,
    B09: absent,
    B10: absent,
    B12: value("rc=-1"),
    B14: error("OSError"),
    B15: error("OSError"),
    B17: ends(/^error (PermissionError|OSError):/),
    B19: absent,
    B20: error("FileNotFoundError"),
    B22: value("[]"),
    // The corpus's prefix finds "json" too. A name that stands for None cannot be imported.
    B24: async (_result, sandbox) =>
      value([])(
        await sandbox.run(
          "import sys\n[m for m in sys.modules if m.startswith(('js', 'pyodide_js', '_pyodide_core')) and m.split('.')[0] != 'json' and sys.modules[m] is not None]",
        ),
      ),
    B25: value("[]"),
    B27: absent,
    B29: error("Trap"),
    B30: absent,
    B32: async (result, sandbox) => {
      assert.equal(result.status, "ok", outcomeOf(result));
      await sandbox.reset();
      value(3)(await sandbox.run("print('clean')\nlen('abc')"));
    },
    B34: error("Trap"),
    // The module that the pickle names answers as it does to anyone: there is no shell.
    B35: ends(/^(ok -1|error )/),
    B37: ends(/^error (AttributeError|.*OperationalError|NotSupportedError):/),
    // The virtual clock jumps; with a real one the deadline comes first.
    B39: harmless,
    B40: ends(/^(ok|error RuntimeError:)/),
    B42: async (result, sandbox) => {
      assert.equal(result.status, "ok", outcomeOf(result));
      const next = await sandbox.run("1");
      assert.deepEqual([next.status, next.stdout], ["ok", ""]);
    },
  },
  PYTHON,
  showingR,
);
