import { WardianError } from "../errors.ts";
import type { FuelGauge } from "../engine/instance/fuel-gauge.ts";

/** The most arguments that a guarded call can have, its host not counted: as many as `path_open` has. */
const MAX_ARGUMENTS = 9;

/** What a guard asks of the run. */
export interface CallGuard<Failure> {
  readonly fuel: Pick<FuelGauge, "stopping" | "stop">;
  /** Pays for the call before it is made. False: it is not. */
  readonly pay: () => boolean;
  /** What the guest gets for a call that is not made or breaks off. */
  readonly failure: Failure;
}

/**
 * `call` as a function to import: does nothing once a stop was asked for, and throws nothing into the guest, whose
 * `catch_all` would catch it. Arguments are handed on one by one: a list of them is made and taken apart for every call.
 */
export function guardCall<Host, Result, Failure>(
  host: Host,
  call: (host: Host, ...values: never[]) => Result,
  { fuel, pay, failure }: CallGuard<Failure>,
): (...values: never[]) => Result | Failure {
  if (call.length > MAX_ARGUMENTS + 1)
    throw new WardianError("internal", "Cannot guard a call: it has too many arguments");
  return (a: never, b: never, c: never, d: never, e: never, f: never, g: never, h: never, i: never) => {
    if (fuel.stopping || !pay()) return failure;
    try {
      return call(host, a, b, c, d, e, f, g, h, i);
    } catch (cause) {
      fuel.stop({ kind: "host-error", cause });
      return failure;
    }
  };
}
