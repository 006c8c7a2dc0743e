/** The source of everything random that a guest sees. */
export interface Random {
  readonly kind: "secure" | "seeded" | "custom";
  /** Fills `into` completely; any length. */
  fill(into: Uint8Array): void;
  /** Back to the first byte of a seeded sequence. */
  reset?(): void;
  /** Where in its sequence it is. Absent, with `restore`: a snapshot holds nothing of it, and forks share it unless it is made anew. */
  capture?(): RandomState;
  /** Goes to where another one of the same seed was, or to the start of a derived sequence. */
  restore?(state: RandomState): void;
}

/** A place in a seeded sequence, as JSON data. */
export interface RandomState {
  /** The labels by which the sequence was derived from that of the seed: each makes another one of it. */
  readonly labels: readonly string[];
  /** Bytes drawn so far. */
  readonly position: number;
}
