/** The source of everything random that a guest sees. */
export interface Random {
  readonly kind: "secure" | "seeded" | "custom";
  /** Fills `into` completely; any length. */
  fill(into: Uint8Array): void;
  /** Back to the first byte of a seeded sequence. */
  reset?(): void;
  /** Where in its sequence it is. Absent, with `restore` and `derive`: a snapshot holds nothing of it, and forks share it. */
  capture?(): RandomState;
  /** Goes to where another one of the same seed was. */
  restore?(state: RandomState): void;
  /** A sequence of its own, the same for the same seed and labels. */
  derive?(label: string): Random;
}

/** A place in a seeded sequence, as JSON data. */
export interface RandomState {
  /** The labels by which the sequence was derived from that of the seed. */
  readonly labels: readonly string[];
  /** Bytes drawn so far. */
  readonly position: number;
}
