/** CPU milliseconds (user and system) of this process, garbage collection and compiler threads included. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
