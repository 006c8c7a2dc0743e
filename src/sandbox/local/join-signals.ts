/** One signal made of several. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Takes the listeners off again: a caller's long-lived signal must not collect one per run. */
  readonly release: () => void;
}

/** One signal that aborts when any of `signals` does: if there is only one, that one. */
export function joinSignals(signals: readonly (AbortSignal | undefined)[]): JoinedSignal {
  const given = signals.filter((signal) => signal !== undefined);
  const [only] = given;
  // Of a run that nobody may abort but `close`, a controller of its own would be a tenth of what the host does.
  if (given.length === 1 && only instanceof AbortSignal) return { signal: only, release: nothing };
  const joined = new AbortController();
  const forwards: (() => void)[] = [];
  for (const signal of given) {
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

function nothing(): void {}
