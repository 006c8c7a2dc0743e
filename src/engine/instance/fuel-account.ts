/** The deterministic limit on the depth of calls of a module that was metered with one. */
export interface DepthLimit {
  /** Sinks with each call and is negative once the limit was passed. */
  readonly global: WebAssembly.Global<"i32">;
  /** What the global is set to before each entry. */
  readonly limit: number;
}

/** The part of a metered module that the account can see. */
export interface FuelSlot {
  /** The module's exported fuel global: units it may still burn. Absent until the instance exists. */
  fuel: WebAssembly.Global<"i32"> | undefined;
  depth: DepthLimit | undefined;
  /** Checks that found no fuel while the global was out of reach (the module's start function). */
  blindChecks: number;
  /** Called at every slice. */
  readonly onSlice: (() => void) | undefined;
}

/**
 * The books of one run: how many units were granted to the fuel globals, how many the host charged for its own work.
 *
 * Invariant: `used = granted − Σ globals + charged`, where a global may be negative (burned, not yet granted). Every
 * move below keeps `used` as it is, so `used` depends on what the guest did and not on the size of the slices. Units
 * are counted in doubles, exact up to 2^53; a global never holds more than one slice, so it can't wrap upwards, and a
 * module checks long before it could wrap downwards.
 */
export class FuelAccount {
  readonly #slots = new Set<FuelSlot>();
  #allowed = 0;
  #granted = 0;
  #charged = 0;

  get allowed(): number {
    return this.#allowed;
  }

  get used(): number {
    let used = this.#granted + this.#charged;
    for (const { fuel } of this.#slots) if (fuel !== undefined) used -= fuel.value;
    return used;
  }

  get slots(): ReadonlySet<FuelSlot> {
    return this.#slots;
  }

  open(allowed: number, slots: Iterable<FuelSlot>): void {
    this.#slots.clear();
    this.#allowed = allowed;
    this.#granted = 0;
    this.#charged = 0;
    for (const slot of slots) {
      if (slot.fuel !== undefined) slot.fuel.value = 0;
      this.#slots.add(slot);
    }
  }

  /** Takes back what is left in the globals and lets go of the slots; `used` stays readable. */
  close(): void {
    for (const { fuel } of this.#slots) if (fuel !== undefined) this.#set(fuel, 0);
    this.#slots.clear();
  }

  join(slot: FuelSlot): void {
    this.#slots.add(slot);
  }

  leave(slot: FuelSlot): void {
    if (this.#slots.delete(slot) && slot.fuel !== undefined) this.#granted -= slot.fuel.value;
  }

  /** Fills a global up to `slice` units, or as far as the budget goes. Returns false if it stays overdrawn. */
  refill(fuel: WebAssembly.Global<"i32">, slice: number): boolean {
    const held = fuel.value;
    if (held >= slice) return true;
    let available = this.#allowed - this.#granted - this.#charged;
    if (available < slice - held) available += this.#reclaim(slice - held - available, fuel);
    const grant = Math.min(slice - held, available);
    if (grant > 0) {
      fuel.value = held + grant;
      this.#granted += grant;
    }
    return held + grant >= 0;
  }

  /** Counts host work. Returns false if the budget can't cover it. */
  charge(units: number): boolean {
    this.#charged = Math.min(this.#charged + units, Number.MAX_SAFE_INTEGER);
    const missing = this.#granted + this.#charged - this.#allowed;
    return !(missing > 0) || this.#reclaim(missing, undefined) >= missing;
  }

  /** Makes every global negative, so that each module asks the host at its next check. */
  overdraw(): void {
    for (const { fuel } of this.#slots) if (fuel !== undefined && fuel.value >= 0) this.#set(fuel, -1);
  }

  /** Takes unburned units out of other modules' globals: they come back for more when they need them. */
  #reclaim(wanted: number, except: WebAssembly.Global<"i32"> | undefined): number {
    let taken = 0;
    for (const { fuel } of this.#slots) {
      if (taken >= wanted) break;
      if (fuel === undefined || fuel === except || fuel.value <= 0) continue;
      const part = Math.min(fuel.value, wanted - taken);
      this.#set(fuel, fuel.value - part);
      taken += part;
    }
    return taken;
  }

  #set(fuel: WebAssembly.Global<"i32">, value: number): void {
    // In this order: should the setter overflow the engine's stack, nothing has been booked.
    const before = fuel.value;
    fuel.value = value;
    this.#granted += value - before;
  }
}
