import type { Path } from "./charge-points.ts";

/** An open block. */
export interface Frame {
  readonly op: number;
  /** Number of a loop in the scan. */
  readonly number: number;
  /** A loop that some branch goes back to. */
  readonly repeats: boolean;
  /** Such a loop that pays into the debt local. */
  readonly debt: boolean;
  /** Loop that is written as two, one inside the other. */
  readonly doubled: boolean;
  /** Number of repeating loops open outside of this block. */
  readonly loops: number;
  /** The path at the block's begin. */
  readonly entry: Path | undefined;
  /** For the first arm of an `if`: the path of the other arm. */
  otherwise: Path | undefined;
  /** What the branches to the block's end brought. */
  label: Path | undefined;
  /** Whether some catch clause leads to the block's end. */
  caught: boolean;
  /** `try_table`: labels of its catch clauses, counted from outside of the block. */
  readonly catches: readonly number[];
}
