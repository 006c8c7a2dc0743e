export const KIND = { block: 0, loop: 1, if: 2, else: 3, try: 4, catch: 5, tryTable: 6 } as const;

/** An open block. Plain mutable record: there are as many as the nesting is deep, reused from function to function. */
export interface Frame {
  kind: number;
  /** Loops around (for a loop: and including) it. */
  depth: number;
  /** The code before it was unreachable. */
  dead: boolean;
  /** A branch has reached its label. */
  reached: boolean;
  /** `try`: an exception may arrive. `if`: the `else` side is reachable. */
  second: boolean;
  catchAll: boolean;
  outerTry: number;
  loop: number;
  credit: number;
  run: number;
  flushed: number;
  /** `if`: a constant that lies on the stack below. */
  constant: number | undefined;
  /** `if`: asks whether fuel is below something. */
  checks: boolean;
  /** `try_table`: where its clauses begin, and how many. */
  entries: number;
  count: number;
}
