/** One signal made of several. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Takes the listeners off again: a caller's long-lived signal must not collect one per run. */
  readonly release: () => void;
}

/** One signal that aborts when any of `signals` does. */
export function joinSignals(signals: readonly (AbortSignal | undefined)[]): JoinedSignal {
  const joined = new AbortController();
  const forwards: (() => void)[] = [];
  for (const signal of signals) {
    if (signal === undefined) continue;
    const forward = (): void => joined.abort(signal.reason);
    if (signal.aborted) forward();
    signal.addEventListener("abort", forward, { once: true });
    forwards.push(() => signal.removeEventListener("abort", forward));
  }
  return {
    signal: joined.signal,
    release: () => {
      for (const remove of forwards) remove();
    },
  };
}
