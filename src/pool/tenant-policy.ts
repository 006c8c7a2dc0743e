import { WardianError } from "../errors.ts";

/** What one tenant of a pool may take of it. */
export interface TenantPolicy {
  /** Share of the pool against the other tenants that wait. Default 1. */
  readonly weight?: number | undefined;
  /** Runs at the same time. Default: as many as the pool has sandboxes. */
  readonly concurrency?: number | undefined;
  /**
   * Fuel that comes in each second: with about 1e10 to 3e10 units a second of one core, 1e9 is a twentieth of a core or so.
   * A tenant that has used more waits until it is paid back. Default: no bound.
   */
  readonly fuelPerSecond?: number | undefined;
  /** Fuel that can be saved up while nothing runs. Default: what comes in in ten seconds. */
  readonly burstFuel?: number | undefined;
}

/** {@link TenantPolicy} with its defaults. */
export interface ResolvedTenantPolicy {
  readonly weight: number;
  readonly concurrency: number;
  readonly fuelPerSecond: number;
  readonly burstFuel: number;
}

const BURST_SECONDS = 10;

const FIELDS: readonly (keyof TenantPolicy)[] = ["weight", "concurrency", "fuelPerSecond", "burstFuel"];

/** @throws TypeError or WardianError "invalid-option" that names what is wrong; `where` is how the caller calls it. */
export function resolveTenantPolicy(policy: unknown, where: string): ResolvedTenantPolicy {
  if (typeof policy !== "object" || policy === null || Array.isArray(policy))
    throw new TypeError(`${where} must be an object`);
  for (const name of Object.keys(policy)) {
    if (!FIELDS.includes(name as keyof TenantPolicy))
      throw new WardianError(
        "invalid-option",
        `${where}: "${name}" is not an option; the options are ${FIELDS.join(", ")}`,
      );
  }
  const { weight, concurrency, fuelPerSecond, burstFuel } = policy as Readonly<Record<string, unknown>>;
  const rate = positive(fuelPerSecond ?? Number.POSITIVE_INFINITY, `${where}.fuelPerSecond`);
  const runs = positive(concurrency ?? Number.POSITIVE_INFINITY, `${where}.concurrency`);
  if (Number.isFinite(runs) && !Number.isInteger(runs))
    throw new RangeError(`${where}.concurrency is ${runs}, and must be an integer`);
  const share = positive(weight ?? 1, `${where}.weight`);
  if (!Number.isFinite(share)) throw new RangeError(`${where}.weight must be finite`);
  return {
    weight: share,
    concurrency: runs,
    fuelPerSecond: rate,
    burstFuel: positive(burstFuel ?? rate * BURST_SECONDS, `${where}.burstFuel`),
  };
}

function positive(value: unknown, where: string): number {
  if (typeof value !== "number" || Number.isNaN(value)) throw new TypeError(`${where} must be a number`);
  if (!(value > 0)) throw new RangeError(`${where} is ${value}, and must be above 0`);
  return value;
}
