import type { Completion, FuelBudget, FuelCell, FuelGauge, StopReason } from "../../engine/instance/fuel-gauge.ts";

/** What a {@link WatchedGauge} asks its watcher. */
export interface GaugeWatcher {
  /** In place of `check`. */
  check(gauge: FuelGauge): boolean;
  /** In place of `remainingMs`. */
  remainingMs(gauge: FuelGauge): number;
}

/**
 * A guest's gauge whose two looks at the host's clock go through a watcher: they are inputs, and all that the guest's
 * host side learns of the deadline. Everything else is the gauge's own.
 */
export class WatchedGauge implements FuelGauge {
  readonly #gauge: FuelGauge;
  readonly #watcher: GaugeWatcher;

  constructor(gauge: FuelGauge, watcher: GaugeWatcher) {
    this.#gauge = gauge;
    this.#watcher = watcher;
  }

  check(): boolean {
    return this.#watcher.check(this.#gauge);
  }

  remainingMs(): number {
    return this.#watcher.remainingMs(this.#gauge);
  }

  cell(onSlice?: () => void): FuelCell {
    return this.#gauge.cell(onSlice);
  }

  arm(budget: FuelBudget): void {
    this.#gauge.arm(budget);
  }

  disarm(): void {
    this.#gauge.disarm();
  }

  enter<T>(call: () => T): Completion<T> {
    return this.#gauge.enter(call);
  }

  enterAsync<T>(call: () => Promise<T>): Promise<Completion<T>> {
    return this.#gauge.enterAsync(call);
  }

  withoutPause<T>(call: () => T): T {
    return this.#gauge.withoutPause(call);
  }

  charge(units: number): boolean {
    return this.#gauge.charge(units);
  }

  stop(reason: StopReason): void {
    this.#gauge.stop(reason);
  }

  get stopping(): boolean {
    return this.#gauge.stopping;
  }

  get stoppedAt(): number | undefined {
    return this.#gauge.stoppedAt;
  }

  get used(): number {
    return this.#gauge.used;
  }
}
