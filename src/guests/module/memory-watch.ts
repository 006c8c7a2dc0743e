/**
 * Whether a guest probably died of its memory cap. A refused `memory.grow` is an instruction's result and never seen
 * here, so this looks at what is left: allocators ask for what they need and a little more, and stop near the cap.
 */
export function isNearCap(bytes: number, cap: number): boolean {
  return bytes > cap - Math.max(cap / 4, 2 ** 20);
}
