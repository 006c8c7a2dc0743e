import type { ProgramDriver } from "../program/program.ts";

/** PHP's settings: no headers of a web server, plain messages on stderr, and the sandbox's limits in place of its own. */
const SETTINGS = [
  "display_errors=0",
  "log_errors=1",
  "html_errors=0",
  "memory_limit=-1",
  "max_execution_time=0",
  "output_buffering=0",
  "implicit_flush=1",
  "register_argc_argv=1",
  "date.timezone=UTC",
];

/** PHP 8, as the program `php-cgi`. */
export const phpDriver: ProgramDriver = {
  language: "php",
  preludePath: "/dev/wardian.php",
  args(path, { args }) {
    const settings = [...SETTINGS, `auto_prepend_file=${this.preludePath}`];
    return ["php", "-q", ...settings.flatMap((setting) => ["-d", setting]), path, ...args];
  },
  explain(stderr) {
    // Some fatal errors end the program before any code of the prelude's can tell of them.
    const line = stderr
      .split("\n")
      .findLast((text) => text.startsWith("PHP Fatal error:  ") || text.startsWith("PHP Parse error:  "));
    if (line === undefined) return undefined;
    const text = line.slice("PHP Fatal error:  ".length);
    const place = text.lastIndexOf(" in /");
    const number = Number(text.slice(text.lastIndexOf(" on line ") + " on line ".length));
    return {
      name: line.startsWith("PHP Parse") ? "ParseError" : "Error",
      message: place < 0 ? text : text.slice(0, place),
      traceback: `${line}\n`,
      ...(Number.isInteger(number) && number > 0 ? { line: number } : {}),
    };
  },
};
