/** Hands out names that are identifiers of both languages, each once. */
export class DefinitionNames {
  readonly #taken: Set<string>;

  constructor(reserved: readonly string[]) {
    this.#taken = new Set(reserved);
  }

  /** "search", "Input", "tree node" become "SearchInputTreeNode". */
  take(...hints: readonly string[]): string {
    const words = hints.flatMap((hint) => hint.split(/[^A-Za-z0-9]+/)).filter((word) => word !== "");
    const joined = words.map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`).join("");
    const base = (/^[A-Za-z]/.test(joined) ? joined : `Type${joined}`).slice(0, MAX_NAME);
    let name = base;
    for (let number = 2; this.#taken.has(name); number++) name = `${base}${number}`;
    this.#taken.add(name);
    return name;
  }
}

const MAX_NAME = 80;
