import type { Scene } from "./scene.ts";

/** One attempt at doing what a guest must not be able to do. */
export interface Attack {
  /** That of the corpus, such as "A01"; ours are counted on from the class: "A+3". */
  readonly id: string;
  readonly title: string;
  /** Tries it on real sandboxes and throws (an assertion) unless the outcome is the safe one. */
  readonly attempt: (scene: Scene) => Promise<void> | void;
}

/** An entry of the shared corpus. */
export interface CorpusEntry {
  readonly id: string;
  readonly cls: string;
  readonly lang: string;
  readonly code: string;
  readonly expect: string;
}

/** Everything about one class of attack. */
export interface AttackClass {
  /** Its letter in the corpus. */
  readonly letter: string;
  readonly title: string;
  /** What each entry of the corpus must come to. Every entry of the class has to be here. */
  readonly corpus: ReadonlyMap<string, (entry: CorpusEntry) => Attack["attempt"]>;
  /** Variants of our own: they run where the corpus is absent. */
  readonly variants: readonly Attack[];
}
