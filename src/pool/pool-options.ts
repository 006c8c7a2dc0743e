import { WardianError } from "../errors.ts";
import type { SandboxOptions } from "../sandbox/options.ts";
import type { PoolEvent } from "./pool-events.ts";
import { resolveTenantPolicy } from "./tenant-policy.ts";
import type { ResolvedTenantPolicy, TenantPolicy } from "./tenant-policy.ts";

export interface PoolOptions {
  /** How many sandboxes there are, all made at once. With execution "worker" or "process" that many threads or processes. */
  readonly size: number;
  /**
   * What each of them is and may do. Each gets its own copy of a memory directory; host directories, custom file systems, tools
   * and callbacks are shared.
   */
  readonly sandbox: SandboxOptions;
  /** Runs that may wait; one more is refused with a WardianError "overloaded". Default 1,000. */
  readonly maxQueue?: number | undefined;
  /** What tenants may take, by name; "default" is for all others. */
  readonly tenants?: Readonly<Record<string, TenantPolicy>> | undefined;
  /** A sandbox is replaced by a new one after so many runs. Default: never. */
  readonly maxRunsPerSandbox?: number | undefined;
  /** A sandbox that has been idle for so many milliseconds is checked before it gets a run. Default 10,000. */
  readonly checkAfterMs?: number | undefined;
  /** Called with what happens. It must not throw; what it throws is dropped. */
  readonly onEvent?: ((event: PoolEvent) => unknown) | undefined;
}

/** {@link PoolOptions}, checked and with their defaults. */
export interface ResolvedPoolOptions {
  readonly size: number;
  readonly sandbox: SandboxOptions;
  readonly maxQueue: number;
  readonly policyOf: (tenant: string) => ResolvedTenantPolicy;
  readonly maxRunsPerSandbox: number;
  readonly checkAfterMs: number;
  readonly onEvent: (event: PoolEvent) => void;
}

const CREATE = "Cannot create a pool";

const FIELDS: readonly (keyof PoolOptions)[] = [
  "size",
  "sandbox",
  "maxQueue",
  "tenants",
  "maxRunsPerSandbox",
  "checkAfterMs",
  "onEvent",
];

const MAX_SIZE = 10_000;

/** @throws TypeError, RangeError or WardianError "invalid-option" that names what is wrong. What `sandbox` holds is checked by `Sandbox.create`. */
export function resolvePoolOptions(options: unknown): ResolvedPoolOptions {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`${CREATE}: its options must be an object`);
  for (const name of Object.keys(options)) {
    if (!FIELDS.includes(name as keyof PoolOptions))
      throw new WardianError(
        "invalid-option",
        `${CREATE}: "${name}" is not an option; the options are ${FIELDS.join(", ")}`,
      );
  }
  const { size, sandbox, maxQueue, tenants, maxRunsPerSandbox, checkAfterMs, onEvent } = options as Readonly<
    Record<string, unknown>
  >;
  if (typeof sandbox !== "object" || sandbox === null)
    throw new TypeError(`${CREATE}: sandbox must be the options of Sandbox.create`);
  if (onEvent !== undefined && typeof onEvent !== "function")
    throw new TypeError(`${CREATE}: onEvent must be a function`);
  return {
    size: integer(size, 1, MAX_SIZE, "size"),
    sandbox,
    maxQueue: integer(maxQueue ?? 1_000, 0, Number.MAX_SAFE_INTEGER, "maxQueue"),
    policyOf: resolveTenants(tenants),
    maxRunsPerSandbox:
      maxRunsPerSandbox === undefined
        ? Number.POSITIVE_INFINITY
        : integer(maxRunsPerSandbox, 1, Number.MAX_SAFE_INTEGER, "maxRunsPerSandbox"),
    checkAfterMs: integer(checkAfterMs ?? 10_000, 0, Number.MAX_SAFE_INTEGER, "checkAfterMs"),
    onEvent: safely(onEvent as PoolOptions["onEvent"]),
  };
}

function resolveTenants(tenants: unknown): ResolvedPoolOptions["policyOf"] {
  if (tenants === undefined) tenants = {};
  if (typeof tenants !== "object" || tenants === null || Array.isArray(tenants))
    throw new TypeError(
      `${CREATE}: tenants must be an object of name → { weight, concurrency, fuelPerSecond, burstFuel }`,
    );
  const policies = new Map(
    Object.entries(tenants).map(([name, policy]) => [
      name,
      resolveTenantPolicy(policy, `${CREATE}: tenants["${name}"]`),
    ]),
  );
  const others = policies.get("default") ?? resolveTenantPolicy({}, CREATE);
  return (tenant) => policies.get(tenant) ?? others;
}

function safely(onEvent: PoolOptions["onEvent"]): (event: PoolEvent) => void {
  return (event) => {
    try {
      onEvent?.(event);
    } catch {
      // A metrics callback must not end anybody's run.
    }
  };
}

function integer(value: unknown, minimum: number, maximum: number, name: string): number {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new TypeError(`${CREATE}: ${name} must be an integer, not ${String(value)}`);
  if (value < minimum || value > maximum)
    throw new RangeError(`${CREATE}: ${name} is ${value}, outside ${minimum} to ${maximum}`);
  return value;
}
