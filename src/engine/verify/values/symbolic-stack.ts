/** What the verifier knows of a value on the operand stack. */
export const VALUE = {
  unknown: 0,
  /** The constant `amount`. */
  constant: 1,
  /** Fuel minus `amount`; `local`: bit 0 and minus the debt, bit 1 and minus a run-time size (local and shift of it in `shift`), bit 2 and minus a lifted debt. */
  fuel: 2,
  /** Debt plus `amount`. */
  debt: 3,
  /** At least 0 and at most `amount`: the value of `local`, times 2^`shift`, or the largest amount if that is less. */
  size: 4,
  /** The value of `local`. */
  local: 5,
  /** The low 32 bits of the 64-bit `local`. */
  wrapped: 6,
  /** Condition: fuel is less than `amount`. */
  fuelBelow: 7,
  /** Condition: fuel is `amount` or more. */
  fuelReached: 8,
  /** Condition: the debt is `amount` or more. */
  debtReached: 9,
  /** Condition: the debt is less than `amount`. */
  debtBelow: 10,
  /** Condition: `local` is greater (unsigned) than `amount`. */
  above: 11,
  /** A size that a charging function has charged at `shift` and handed back. */
  paid: 12,
  /** The answer of the `exhausted` import. */
  answer: 13,
  /** What the debt was before it was set to zero. It has to be paid. */
  lifted: 14,
} as const;

export const FROM_DEBT = 1;
export const FROM_SIZE = 2;
export const FROM_LIFTED = 4;

/** Entries that are followed: injected code needs six. */
const MAX_ENTRIES = 32;

/**
 * The top of the operand stack as far as it is known: what lies below the known entries is unknown.
 *
 * Only values that come from fuel, debt, constants and locals are followed; everything else is `unknown`, and an
 * instruction that is not modelled forgets the stack.
 */
export class SymbolicStack {
  readonly #kind: number[] = [];
  readonly #amount: number[] = [];
  readonly #local: number[] = [];
  readonly #shift: number[] = [];

  #secrets = 0;

  /** Of the value popped last. */
  kind = 0;
  amount = 0;
  local = -1;
  shift = 0;

  push(kind: number, amount = 0, local = -1, shift = 0): void {
    if (this.#kind.length >= MAX_ENTRIES && this.clear()) this.#secrets = 1;
    if (isSecret(kind)) this.#secrets++;
    this.#kind.push(kind);
    this.#amount.push(amount);
    this.#local.push(local);
    this.#shift.push(shift);
  }

  /** Pops into the fields. */
  pop(): void {
    this.kind = this.#kind.pop() ?? VALUE.unknown;
    this.amount = this.#amount.pop() ?? 0;
    this.local = this.#local.pop() ?? -1;
    this.shift = this.#shift.pop() ?? 0;
    if (isSecret(this.kind)) this.#secrets--;
  }

  /** Reads the top into the fields. */
  peek(): void {
    this.pop();
    this.push(this.kind, this.amount, this.local, this.shift);
  }

  /** Forgets everything. Returns whether a fuel or debt value was among it: injected code never lets go of one. */
  clear(): boolean {
    const lost = this.#secrets > 0;
    this.#secrets = 0;
    this.#kind.length = 0;
    this.#amount.length = 0;
    this.#local.length = 0;
    this.#shift.length = 0;
    return lost;
  }

  /** A local gets a new value: entries that stand for the old one become unknown. */
  forget(local: number): void {
    for (let i = 0; i < this.#kind.length; i++) {
      const kind = this.#kind[i];
      const names = kind === VALUE.local || kind === VALUE.wrapped || kind === VALUE.above;
      if (names && this.#local[i] === local) this.#kind[i] = VALUE.unknown;
      if (kind === VALUE.size && this.#local[i] === local) this.#local[i] = -1;
      if (kind === VALUE.debt && this.#local[i] === local) this.#lose(i);
    }
  }

  /** The debt is set to zero: a copy of it on the stack is all that is left. Returns whether there is just one. */
  lift(): boolean {
    const entry = this.#kind.indexOf(VALUE.debt);
    if (entry < 0 || entry !== this.#kind.lastIndexOf(VALUE.debt) || this.#amount[entry] !== 0) return false;
    this.#kind[entry] = VALUE.lifted;
    return true;
  }

  #lose(entry: number): void {
    this.#kind[entry] = VALUE.unknown;
    this.#secrets--;
  }
}

/** A value that only injected code may have. */
export function isSecret(kind: number): boolean {
  return kind === VALUE.fuel || kind === VALUE.debt || kind === VALUE.answer || kind === VALUE.lifted;
}
