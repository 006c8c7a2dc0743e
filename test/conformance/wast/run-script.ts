import { parse } from "@bytecodealliance/jco";
import { head, isList, parseLists, stringBytes, stringText } from "./s-expression.ts";
import type { List, Node } from "./s-expression.ts";
import { Side } from "./side.ts";
import type { Verdict } from "./side.ts";
import { argument } from "./values.ts";

/** How the metered run of a script compares with the plain one. */
export interface ScriptReport {
  modules: number;
  returns: number;
  traps: number;
  /** Commands that this harness can't run: v128 at the boundary, modules that the engine or the text parser refuses. */
  skipped: number;
  readonly differences: string[];
}

/** Runs every command of a `.wast` script on both sides and compares the verdicts. */
export async function runScript(source: string, mode: "exact" | "optimized"): Promise<ScriptReport> {
  const report: ScriptReport = { modules: 0, returns: 0, traps: 0, skipped: 0, differences: [] };
  const run = new ScriptRun(source, mode, report);
  for (const command of parseLists(source)) await run.command(command);
  return report;
}

const MODULE_ASSERTS = new Set(["assert_trap", "assert_unlinkable", "assert_uninstantiable"]);

class ScriptRun {
  readonly #source: string;
  readonly #report: ScriptReport;
  readonly #plain: Side = new Side("plain");
  readonly #metered: Side;
  readonly #definitions: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  readonly #host: Map<string, object> = new Map();
  /** The current module could not be run: what is asserted about it is skipped. */
  #missing = false;

  constructor(source: string, mode: "exact" | "optimized", report: ScriptReport) {
    this.#source = source;
    this.#report = report;
    this.#metered = new Side(mode);
  }

  async command(command: List): Promise<void> {
    const keyword = head(command);
    const subject = command.items[1];
    if (keyword === "module") await this.#module(command);
    else if (keyword === "register") this.#register(command);
    else if (keyword === "invoke" || keyword === "get") this.#action(command);
    else if (isList(subject) && head(subject) === "module") {
      if (MODULE_ASSERTS.has(keyword)) await this.#module(subject);
      else await this.#invalid(subject);
    } else if (keyword.startsWith("assert_") && isList(subject)) this.#action(subject);
    else this.#report.skipped++;
  }

  async #bytes(
    module: List,
  ): Promise<{ readonly bytes?: Uint8Array<ArrayBuffer>; readonly name?: string; readonly definition: boolean }> {
    const items = module.items.slice(1);
    const definition = items[0] === "definition";
    if (definition) items.shift();
    const name = typeof items[0] === "string" && items[0].startsWith("$") ? items[0] : undefined;
    if (name !== undefined) items.shift();
    const named = name === undefined ? {} : { name };
    const strings = items.slice(1).filter((item): item is string => typeof item === "string");
    try {
      if (items[0] === "binary") return { bytes: join(strings.map(stringBytes)), ...named, definition };
      const text =
        items[0] === "quote"
          ? `(module ${strings.map(stringText).join(" ")})`
          : this.#source.slice(module.start, module.end).replace(/^\(module\s+definition/u, "(module");
      return { bytes: Uint8Array.from(await parse(text)), ...named, definition };
    } catch {
      return { ...named, definition };
    }
  }

  async #module(module: List): Promise<void> {
    if (module.items[1] === "instance") {
      const [, , instance, of] = module.items;
      const bytes = this.#definitions.get(typeof of === "string" ? of : "");
      this.#instantiate(bytes, typeof instance === "string" ? instance : undefined);
      return;
    }
    const { bytes, name, definition } = await this.#bytes(module);
    if (definition) {
      if (bytes !== undefined) {
        this.#definitions.set(name ?? "", bytes);
        this.#definitions.set("", bytes);
      }
      return;
    }
    this.#instantiate(bytes, name);
  }

  #instantiate(bytes: Uint8Array<ArrayBuffer> | undefined, name: string | undefined): void {
    this.#missing = bytes === undefined || !this.#plain.validates(bytes);
    if (bytes === undefined || this.#missing) {
      this.#report.skipped++;
      return;
    }
    this.#report.modules++;
    const known = this.#metered.problems.length;
    this.#compare("module", this.#plain.instantiate(bytes, name), this.#metered.instantiate(bytes, name));
    for (const problem of this.#metered.problems.slice(known)) this.#report.differences.push(`verifier: ${problem}`);
  }

  /** A module that must be refused: where the engine refuses it as it is, it must do so metered. */
  async #invalid(module: List): Promise<void> {
    const { bytes } = await this.#bytes(module);
    if (bytes === undefined || this.#plain.validates(bytes)) {
      this.#report.skipped++;
      return;
    }
    this.#report.modules++;
    if (this.#metered.validates(bytes))
      this.#report.differences.push(`an invalid module at ${String(module.start)} is valid when metered`);
  }

  #register(command: List): void {
    const [, as, name] = command.items;
    if (typeof as !== "string" || this.#missing) return;
    const of = typeof name === "string" ? name : undefined;
    this.#plain.register(stringText(as), of);
    this.#metered.register(stringText(as), of);
  }

  #action(action: List): void {
    const items = action.items.slice(1);
    const name = typeof items[0] === "string" && items[0].startsWith("$") ? items.shift() : undefined;
    const field = items.shift();
    if (typeof field !== "string" || this.#missing || (head(action) !== "invoke" && head(action) !== "get")) {
      this.#report.skipped++;
      return;
    }
    const instance = typeof name === "string" ? name : undefined;
    if (head(action) === "get") {
      this.#compare(
        field,
        this.#plain.get(instance, stringText(field)),
        this.#metered.get(instance, stringText(field)),
      );
      return;
    }
    const args = items.map((item: Node) => argument(item, this.#host));
    if (args.includes(undefined)) {
      this.#report.skipped++;
      return;
    }
    const values = args.map((arg) => arg?.value);
    this.#compare(
      field,
      this.#plain.call(instance, stringText(field), values),
      this.#metered.call(instance, stringText(field), values),
    );
  }

  #compare(what: string, plain: Verdict, metered: Verdict): void {
    if (plain.kind === "return") this.#report.returns++;
    else if (plain.kind === "error") this.#report.skipped++;
    else this.#report.traps++;
    if (JSON.stringify(plain) !== JSON.stringify(metered)) {
      this.#report.differences.push(`${what}: ${JSON.stringify(plain)} became ${JSON.stringify(metered)}`);
    }
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
