/** Names of properties that the audit log leaves out at any depth, or what makes the recorded arguments of a copy of them. */
export type Redaction = readonly string[] | ((argumentsCopy: unknown) => unknown);

/** Stands in the log for what was left out. */
export const REDACTED = "[redacted]";

/** Replaces the values of the named properties, in place. `data` is JSON data that nobody else holds. */
export function redactKeys(data: unknown, names: readonly string[]): unknown {
  const hidden = new Set(names);
  const pending: unknown[] = [data];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== "object" || next === null) continue;
    for (const [key, value] of Object.entries(next)) {
      if (!Array.isArray(next) && hidden.has(key)) (next as Record<string, unknown>)[key] = REDACTED;
      else pending.push(value);
    }
  }
  return data;
}
