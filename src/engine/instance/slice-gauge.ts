import { WardianError } from "../../errors.ts";
import { classifyFailure } from "./classify-failure.ts";
import { FuelAccount } from "./fuel-account.ts";
import type { DepthLimit, FuelSlot } from "./fuel-account.ts";
import type { FuelBudget, FuelCell, FuelGauge, FuelGaugeOptions } from "./fuel-gauge.ts";
import type { Completion, StopReason } from "./stop-reason.ts";
import { DUE } from "./suspending-check.ts";

/** Nested entries guest → host → guest. Each holds engine stack that no guest limit sees. */
const MAX_ENTRIES = 16;

/**
 * Checks that a start function may make before its fuel global is attached. The largest piece charged at once is a
 * quarter unit a byte of a 1 MiB chunk, so 4,096 of them can't wrap the i32 (4,096 × 2^18 = 2^30).
 */
const MAX_BLIND_CHECKS = 4_096;

/** The gauge itself: see `FuelGauge` for what it promises. */
export class SliceGauge implements FuelGauge {
  readonly #now: () => number;
  readonly #slice: number;
  readonly #pause: FuelGaugeOptions["pause"];
  readonly #account = new FuelAccount();
  /** Every live cell. Weak, so that a dropped instance (whose import closure holds its slot) can be collected. */
  #cells: WeakRef<FuelSlot>[] = [];
  #armed = false;
  #reason: StopReason | undefined;
  #stoppedAt: number | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #timeoutMs = Number.POSITIVE_INFINITY;
  #signal: FuelBudget["signal"];
  #entries = 0;
  #hostUnits = 0;
  /** In an entry that can be suspended, with no JavaScript on the stack above it. */
  #canPause = false;

  constructor(now: () => number, slice: number, pause: FuelGaugeOptions["pause"]) {
    this.#now = now;
    this.#slice = slice;
    this.#pause = pause;
  }

  cell(onSlice?: () => void): FuelCell {
    const slot: FuelSlot = { fuel: undefined, depth: undefined, blindChecks: 0, onSlice };
    this.#cells = this.#cells.filter((cell) => cell.deref() !== undefined);
    this.#cells.push(new WeakRef(slot));
    if (this.#armed) this.#account.join(slot);
    return {
      exhausted: () => this.#exhausted(slot),
      exhaustedOrDue: () => this.#exhaustedOrDue(slot),
      pause: async () => await this.#pauseNow(),
      attach: (fuel, depth) => this.#attach(slot, fuel, depth),
      release: () => this.#release(slot),
    };
  }

  arm(budget: FuelBudget): void {
    const { fuel, timeoutMs = Number.POSITIVE_INFINITY, signal } = budget;
    if (this.#entries > 0) throw new WardianError("busy", "Cannot arm a fuel gauge: the guest is running");
    if (!(fuel >= 0)) throw new RangeError(`Cannot arm a fuel gauge: fuel ${String(fuel)} is not zero or more`);
    if (!(timeoutMs >= 0))
      throw new RangeError(`Cannot arm a fuel gauge: timeoutMs ${String(timeoutMs)} is not zero or more`);
    const slots: FuelSlot[] = [];
    for (const cell of this.#cells) {
      const slot = cell.deref();
      if (slot !== undefined) slots.push(slot);
    }
    this.#account.open(
      fuel === Number.POSITIVE_INFINITY ? fuel : Math.min(Math.floor(fuel), Number.MAX_SAFE_INTEGER),
      slots,
    );
    this.#timeoutMs = timeoutMs;
    this.#deadline = this.#now() + timeoutMs;
    this.#signal = signal;
    this.#reason = undefined;
    this.#stoppedAt = undefined;
    this.#hostUnits = 0;
    this.#armed = true;
  }

  disarm(): void {
    this.#account.close();
    this.#armed = false;
    this.#signal = undefined;
  }

  enter<T>(call: () => T): Completion<T> {
    const refused = this.#begin();
    if (refused !== undefined) return refused;
    try {
      return this.#returned(this.withoutPause(call));
    } catch (error) {
      return this.#failed(error);
    } finally {
      this.#entries--;
    }
  }

  async enterAsync<T>(call: () => Promise<T>): Promise<Completion<T>> {
    const refused = this.#begin();
    if (refused !== undefined) return refused;
    const before = this.#canPause;
    // One that is entered from inside another has JavaScript below it.
    this.#canPause = this.#entries === 1;
    try {
      return this.#returned(await call());
    } catch (error) {
      return this.#failed(error);
    } finally {
      this.#entries--;
      this.#canPause = before;
    }
  }

  withoutPause<T>(call: () => T): T {
    const before = this.#canPause;
    this.#canPause = false;
    try {
      return call();
    } finally {
      this.#canPause = before;
    }
  }

  charge(units: number): boolean {
    if (!this.#armed) return false;
    // NaN or a negative number would be a free pass: charge all there is.
    const owed = units >= 0 ? units : Number.POSITIVE_INFINITY;
    if (!this.#account.charge(Math.ceil(owed))) this.stop({ kind: "fuel", allowed: this.#account.allowed });
    this.#hostUnits += owed;
    if (this.#hostUnits >= this.#slice) {
      this.#hostUnits = 0;
      this.#look();
    }
    return this.#reason === undefined;
  }

  check(): boolean {
    return this.#armed && this.#look();
  }

  stop(reason: StopReason): void {
    if (!this.#armed || this.#reason !== undefined) return;
    // A host function that ran into the end of the stack was brought there by the guest.
    this.#reason = reason.kind === "host-error" ? classifyFailure(reason.cause) : reason;
    this.#stoppedAt = this.#account.used;
    this.#account.overdraw();
  }

  get stopping(): boolean {
    return this.#reason !== undefined;
  }

  get stoppedAt(): number | undefined {
    return this.#stoppedAt;
  }

  get used(): number {
    return this.#account.used;
  }

  remainingMs(): number {
    if (!this.#armed || this.#reason !== undefined) return 0;
    if (this.#deadline === Number.POSITIVE_INFINITY) return this.#deadline;
    return Math.max(0, this.#deadline - this.#now());
  }

  #attach(slot: FuelSlot, fuel: WebAssembly.Global<"i32">, depth: DepthLimit | undefined): void {
    slot.fuel = fuel;
    slot.depth = depth;
    // Below zero is what the start function owes. Anything above was not granted by this gauge.
    if (!this.#armed || fuel.value > 0) fuel.value = 0;
    if (this.#reason !== undefined) this.#account.overdraw();
  }

  #release(slot: FuelSlot): void {
    this.#account.leave(slot);
    this.#cells = this.#cells.filter((cell) => cell.deref() !== slot);
    slot.fuel = undefined;
    slot.depth = undefined;
    slot.blindChecks = MAX_BLIND_CHECKS; // Should it run on after all, it stops at once.
  }

  /** What the slow path of every check calls. It must not throw: a guest's `catch_all` would catch that. */
  #exhausted(slot: FuelSlot): number {
    try {
      return this.#advance(slot) ? 0 : 1;
    } catch (error) {
      this.stop(classifyFailure(error));
      return 1;
    }
  }

  #exhaustedOrDue(slot: FuelSlot): number {
    const verdict = this.#exhausted(slot);
    if (verdict !== 0 || !this.#canPause || this.#pause === undefined) return verdict;
    try {
      return this.#pause.due() ? DUE : 0;
    } catch (error) {
      this.stop(classifyFailure(error));
      return 1;
    }
  }

  async #pauseNow(): Promise<number> {
    try {
      await this.#pause?.wait();
      return this.#armed && this.#look() ? 0 : 1;
    } catch (error) {
      this.stop(classifyFailure(error));
      return 1;
    }
  }

  #advance(slot: FuelSlot): boolean {
    if (!this.#armed || this.#reason !== undefined) return false;
    slot.onSlice?.();
    if (slot.fuel === undefined) {
      slot.blindChecks++;
      if (slot.blindChecks > MAX_BLIND_CHECKS) this.stop({ kind: "trap", message: "start function runs too long" });
    } else if (!this.#account.refill(slot.fuel, this.#slice)) {
      this.stop({ kind: "fuel", allowed: this.#account.allowed });
    }
    return this.#look();
  }

  /** Looks at signal and clock. Fuel was looked at before, so that a fuel stop doesn't depend on the clock. */
  #look(): boolean {
    if (this.#reason !== undefined) return false;
    if (this.#signal?.aborted === true) this.stop({ kind: "abort", reason: this.#signal.reason });
    else if (this.#deadline !== Number.POSITIVE_INFINITY && !(this.#now() < this.#deadline)) {
      this.stop({ kind: "time", allowedMs: this.#timeoutMs });
    }
    return this.#reason === undefined;
  }

  #begin(): { readonly kind: "stopped"; readonly reason: StopReason } | undefined {
    if (!this.#armed) throw new WardianError("internal", "Cannot enter a guest: no budget is armed");
    if (this.#entries >= MAX_ENTRIES) this.stop({ kind: "stack" });
    this.#look();
    if (this.#reason !== undefined) return { kind: "stopped", reason: this.#reason };
    if (this.#entries === 0) this.#rearmDepth();
    this.#entries++;
    return undefined;
  }

  #returned<T>(value: T): Completion<T> {
    if (this.#account.used > this.#account.allowed) this.stop({ kind: "fuel", allowed: this.#account.allowed });
    return this.#reason === undefined ? { kind: "returned", value } : { kind: "stopped", reason: this.#reason };
  }

  /** A nested call that failed leaves its instance half-way, so the whole run stops with it. */
  #failed(error: unknown): Completion<never> {
    let reason = this.#reason;
    if (reason === undefined) {
      reason = classifyFailure(error);
      if (reason.kind === "unreachable") reason = this.#tooDeep() ?? reason;
      this.stop(reason);
    }
    return { kind: "stopped", reason };
  }

  /** A guest that was stopped left the globals where it stood. */
  #rearmDepth(): void {
    for (const { depth } of this.#account.slots) if (depth !== undefined) depth.global.value = depth.limit;
  }

  #tooDeep(): StopReason | undefined {
    for (const { depth } of this.#account.slots)
      if (depth !== undefined && depth.global.value < 0) return { kind: "stack", allowed: depth.limit };
    return undefined;
  }
}
