/** A promise that was not kept. */
export class ContractViolation extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ContractViolation";
  }
}

/** Deep and exact: objects by their own enumerable properties, bytes one by one. */
export function equal(actual: unknown, expected: unknown): void {
  if (!isEqual(actual, expected)) throw new ContractViolation(`expected ${show(expected)}, got ${show(actual)}`);
}

export function differs(actual: unknown, unwanted: unknown): void {
  if (isEqual(actual, unwanted)) throw new ContractViolation(`expected anything but ${show(unwanted)}`);
}

/** `actual` has at least the properties of `expected`. */
export function matches(actual: object, expected: object): void {
  for (const [name, value] of Object.entries(expected)) {
    const found: unknown = Object.getOwnPropertyDescriptor(actual, name)?.value;
    if (!isEqual(found, value)) throw new ContractViolation(`expected ${name}: ${show(value)}, got ${show(found)}`);
  }
}

export function oneOf(actual: unknown, expected: readonly unknown[]): void {
  if (expected.some((candidate) => isEqual(actual, candidate))) return;
  throw new ContractViolation(`expected one of ${show(expected)}, got ${show(actual)}`);
}

export function above(actual: number, bound: number): void {
  if (!(actual > bound)) throw new ContractViolation(`expected more than ${bound}, got ${actual}`);
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key as never], b[key as never]));
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value;
  }
}
