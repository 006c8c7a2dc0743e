/** One measured figure. `bound` is what the project promises: the figure must not be above it. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** "×" for a ratio of two things measured in the same run, else "ms", "MB", … */
  readonly unit: string;
  readonly bound?: number;
  /** The single measurements behind the value (medians of rounds, one number a round). */
  readonly rounds?: readonly number[];
  readonly note?: string;
}

/** What one topic of the bench found out. */
export interface Topic {
  readonly topic: string;
  readonly figures: readonly Figure[];
  /** Anything that helps to read the figures: per-program ratios, the control's ratio, sizes. */
  readonly details?: unknown;
}

/** A topic's module exports this as `measure`. `smoke`: as short as possible, only to see that it runs. */
export type Measure = (options: { readonly smoke: boolean }) => Promise<Topic>;
