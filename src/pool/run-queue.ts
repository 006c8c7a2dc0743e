import type { ResolvedTenantPolicy } from "./tenant-policy.ts";
import { TokenBucket } from "./token-bucket.ts";

/** One run that waits or goes on. */
export interface QueuedRun<Item> {
  readonly tenant: string;
  readonly item: Item;
  readonly queuedAtMs: number;
}

/** Who comes next. */
export type NextRun<Item> =
  | { readonly kind: "run"; readonly run: QueuedRun<Item> }
  /** Those that wait have used up their budgets; one of them has some again after so many milliseconds. */
  | { readonly kind: "wait"; readonly ms: number }
  /** Nobody waits, or those that do have as many runs going on as they may. */
  | { readonly kind: "none" };

interface Tenant<Item> {
  readonly policy: ResolvedTenantPolicy;
  readonly bucket: TokenBucket;
  readonly waiting: Entry<Item>[];
  running: number;
  /** Fuel by weight, from a common zero: who has least comes next. */
  virtual: number;
  /** What a run of this tenant uses, smoothed: runs are paid for at their start with this and set right at their end. */
  usualFuel: number;
}

interface Entry<Item> extends QueuedRun<Item> {
  readonly owner: Tenant<Item>;
  prepaid: number;
}

/** Before a tenant's first run has ended. Small: a first run that turns out heavy is paid for then. */
const FIRST_ESTIMATE = 1e6;

/** Weight of the latest run in the smoothed estimate. */
const SMOOTHING = 0.25;

/** Above so many tenants those that nothing is to be remembered of are forgotten. */
const MANY_TENANTS = 1_024;

/**
 * The order in which runs get a pool's sandboxes: first in, first out within a tenant, and among tenants by the fuel that
 * they have used, each by its weight (fair queueing by virtual time; Demers, Keshav and Shenker 1989). Pure: time is told to it.
 */
export class RunQueue<Item> {
  readonly #maxQueue: number;
  readonly #policyOf: (tenant: string) => ResolvedTenantPolicy;
  readonly #tenants = new Map<string, Tenant<Item>>();
  #size = 0;
  /** The virtual time of the run that was started last: who comes in later starts level with it. */
  #floor = 0;

  constructor(maxQueue: number, policyOf: (tenant: string) => ResolvedTenantPolicy) {
    this.#maxQueue = maxQueue;
    this.#policyOf = policyOf;
  }

  /** Runs that wait. */
  get size(): number {
    return this.#size;
  }

  /** Undefined: there are as many waiting as may. */
  add(name: string, item: Item, nowMs: number): QueuedRun<Item> | undefined {
    if (this.#size >= this.#maxQueue) return undefined;
    const tenant = this.#tenant(name, nowMs);
    if (tenant.waiting.length === 0 && tenant.running === 0) tenant.virtual = Math.max(tenant.virtual, this.#floor);
    const entry: Entry<Item> = { tenant: name, item, queuedAtMs: nowMs, owner: tenant, prepaid: 0 };
    tenant.waiting.push(entry);
    this.#size += 1;
    return entry;
  }

  /** Takes a waiting run out again; false if it waits no longer. */
  remove(run: QueuedRun<Item>): boolean {
    const { owner } = run as Entry<Item>;
    const index = owner.waiting.indexOf(run as Entry<Item>);
    if (index < 0) return false;
    owner.waiting.splice(index, 1);
    this.#size -= 1;
    return true;
  }

  /** Starts whoever comes next: it counts as running until `ended`. */
  next(nowMs: number): NextRun<Item> {
    let best: Tenant<Item> | undefined;
    let soonestMs = Number.POSITIVE_INFINITY;
    for (const tenant of this.#tenants.values()) {
      if (tenant.waiting.length === 0 || tenant.running >= tenant.policy.concurrency) continue;
      const waitMs = tenant.bucket.waitMs(nowMs);
      if (waitMs > 0) soonestMs = Math.min(soonestMs, waitMs);
      else if (best === undefined || tenant.virtual < best.virtual) best = tenant;
    }
    const entry = best?.waiting.shift();
    if (best === undefined || entry === undefined)
      return Number.isFinite(soonestMs) ? { kind: "wait", ms: soonestMs } : { kind: "none" };
    this.#size -= 1;
    best.running += 1;
    this.#floor = Math.max(this.#floor, best.virtual);
    entry.prepaid = best.usualFuel;
    best.virtual += entry.prepaid / best.policy.weight;
    return { kind: "run", run: entry };
  }

  /** A run that `next` gave could not be started after all: it waits again, before all others of its tenant. */
  putBack(run: QueuedRun<Item>): void {
    const entry = run as Entry<Item>;
    const { owner } = entry;
    owner.running -= 1;
    owner.virtual -= entry.prepaid / owner.policy.weight;
    owner.waiting.unshift(entry);
    this.#size += 1;
  }

  /** A run that `next` gave has ended and used so much. */
  ended(run: QueuedRun<Item>, fuel: number, nowMs: number): void {
    const { owner, prepaid } = run as Entry<Item>;
    owner.running -= 1;
    owner.virtual += (fuel - prepaid) / owner.policy.weight;
    owner.bucket.spend(fuel, nowMs);
    owner.usualFuel += (fuel - owner.usualFuel) * SMOOTHING;
  }

  /** All that wait, taken out. */
  takeAll(): QueuedRun<Item>[] {
    const all = [...this.#tenants.values()].flatMap((tenant) => tenant.waiting.splice(0));
    this.#size = 0;
    return all;
  }

  #tenant(name: string, nowMs: number): Tenant<Item> {
    const known = this.#tenants.get(name);
    if (known !== undefined) return known;
    if (this.#tenants.size >= MANY_TENANTS) this.#forget(nowMs);
    const policy = this.#policyOf(name);
    const tenant: Tenant<Item> = {
      policy,
      bucket: new TokenBucket(policy.fuelPerSecond, policy.burstFuel, nowMs),
      waiting: [],
      running: 0,
      virtual: this.#floor,
      usualFuel: FIRST_ESTIMATE,
    };
    this.#tenants.set(name, tenant);
    return tenant;
  }

  #forget(nowMs: number): void {
    for (const [name, { waiting, running, bucket }] of this.#tenants) {
      if (waiting.length === 0 && running === 0 && bucket.full(nowMs)) this.#tenants.delete(name);
    }
  }
}
