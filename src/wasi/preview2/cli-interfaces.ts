import { guardFunctions } from "./host/guard.ts";
import { NeverMade } from "./host/never-made.ts";
import type { Preview2Host } from "./host/preview2-host.ts";
import type { Interfaces } from "./interfaces.ts";
import { InputStream } from "./io/input-stream.ts";
import { OutputStream } from "./io/output-stream.ts";
import { StandardInput, StandardOutput } from "./io/standard-streams.ts";

/** No stream of a sandbox is a terminal: these classes only have to be there. */
class TerminalInput extends NeverMade {}
class TerminalOutput extends NeverMade {}

/** `wasi:cli`, but for `run`, which guests export. */
export function cliInterfaces(host: Preview2Host): Interfaces {
  const { environment } = host.powers;
  const standard = (name: "stdout" | "stderr"): OutputStream => new OutputStream(host, new StandardOutput(host, name));
  const exit = (code: number): void => host.fuel.stop({ kind: "exit", code });
  return {
    "wasi:cli/environment": guardFunctions(host, {
      getEnvironment: () => [...environment.env],
      getArguments: () => [...host.args],
      initialCwd: () => undefined,
    }),
    // Each only asks for the stop: the guest traps at its next check.
    "wasi:cli/exit": guardFunctions(host, {
      exit: (status: { readonly tag: "ok" | "err" }) => exit(status.tag === "ok" ? 0 : 1),
      exitWithCode: (code: number) => exit(code),
    }),
    "wasi:cli/stdin": guardFunctions(host, { getStdin: () => new InputStream(host, new StandardInput(host)) }),
    "wasi:cli/stdout": guardFunctions(host, { getStdout: () => standard("stdout") }),
    "wasi:cli/stderr": guardFunctions(host, { getStderr: () => standard("stderr") }),
    "wasi:cli/terminal-input": { TerminalInput },
    "wasi:cli/terminal-output": { TerminalOutput },
    "wasi:cli/terminal-stdin": guardFunctions(host, { getTerminalStdin: () => undefined }),
    "wasi:cli/terminal-stdout": guardFunctions(host, { getTerminalStdout: () => undefined }),
    "wasi:cli/terminal-stderr": guardFunctions(host, { getTerminalStderr: () => undefined }),
  };
}
