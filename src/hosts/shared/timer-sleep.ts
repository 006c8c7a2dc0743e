/** Timers take a signed 32-bit delay; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Sleeps by timer; rejects with `signal.reason` on abort and leaves no timer and no listener behind. */
export function timerSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    let remainingMs = ms;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const wait = (): void => {
      if (!(remainingMs > 0)) {
        signal?.removeEventListener("abort", abort);
        resolve();
        return;
      }
      const delay = Math.min(remainingMs, LONGEST_DELAY_MS);
      remainingMs -= delay;
      timer = setTimeout(wait, delay);
    };
    signal?.addEventListener("abort", abort, { once: true });
    wait();
  });
}
