/** The source of everything random that a guest sees. */
export interface Random {
  readonly kind: "secure" | "seeded" | "custom";
  /** Fills `into` completely; any length. */
  fill(into: Uint8Array): void;
  /** Back to the first byte of a seeded sequence. */
  reset?(): void;
}
