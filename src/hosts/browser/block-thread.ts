/**
 * Blocks the thread for `ms`. A worker with shared memory sleeps; everything else spins on the clock, since a page has
 * no other way to wait. Callers bound `ms` by the deadline of the run.
 */
export function blockThread(ms: number): void {
  if (!(ms > 0)) return;
  if (waitAtomically(ms)) return;
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function waitAtomically(ms: number): boolean {
  // Without cross-origin isolation there is no SharedArrayBuffer.
  if (typeof SharedArrayBuffer === "undefined") return false;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    return true;
  } catch {
    // A page's main thread may not block.
    return false;
  }
}
