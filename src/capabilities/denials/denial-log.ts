/** A power that the guest asked for and was refused, counted once per kind. */
export interface Denial {
  /** The power: "files.open", "network.GET", "tools.call", "import ", "process.spawn" and so on. */
  readonly what: string;
  /** As the guest wrote it: a path, an origin and path, the name of a tool or module. At most 200 characters. */
  readonly where: string;
  /** Why: an error name such as "EROFS", the nearest rule of a policy, a limit, or "sealed" for what no sandbox has. */
  readonly rule: string;
  readonly count: number;
}

/** The rule of what no sandbox provides, whatever its policy. */
export const SEALED = "sealed";

/** Where those who refuse something write it down. */
export interface DenialSink {
  note(what: string, where: string, rule: string): void;
}

/** Kinds that are told apart; a guest could make up any number. */
const MAX_KINDS = 100;
const MAX_TEXT = 200;

/** What one run was refused. Bounded: kinds past the hundredth are counted together. */
export class DenialLog implements DenialSink {
  readonly #kinds = new Map<string, { what: string; where: string; rule: string; count: number }>();

  get list(): readonly Denial[] {
    return [...this.#kinds.values()].map((denial) => ({ ...denial }));
  }

  note(what: string, where: string, rule: string): void {
    const place = clip(where);
    const key = `${what}\n${rule}\n${place}`;
    const known = this.#kinds.get(key);
    if (known !== undefined) known.count++;
    else if (this.#kinds.size < MAX_KINDS) this.#kinds.set(key, { what, where: place, rule, count: 1 });
    else this.#noteRest();
  }

  reset(): void {
    this.#kinds.clear();
  }

  #noteRest(): void {
    const rest = this.#kinds.get(REST);
    if (rest !== undefined) rest.count++;
    else
      this.#kinds.set(REST, {
        what: "other",
        where: "elsewhere",
        rule: "more kinds of denials than are told apart",
        count: 1,
      });
  }
}

const REST = "";

function clip(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
