import { classifyFailure } from "../../engine/instance/classify-failure.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";

/**
 * Wraps what the glue gives a core module to call, so that nothing is thrown into it: a module can catch with
 * `catch_all` what an import throws, and the glue throws where the canonical ABI traps, such as for a handle that was
 * never given. The guest gets nothing and is over at its next check. `own` are the functions of other core modules,
 * which throw nothing that could be caught.
 */
export function guardImports(
  given: WebAssembly.Imports,
  own: ReadonlySet<unknown>,
  fuel: Pick<FuelGauge, "stop" | "stopping">,
): WebAssembly.Imports {
  const guarded: Record<string, WebAssembly.ModuleImports> = {};
  for (const [module, items] of Object.entries(given)) {
    guarded[module] = Object.fromEntries(
      Object.entries(items).map(([name, value]) => [
        name,
        typeof value !== "function" || own.has(value)
          ? value
          : guard(name, value as (...values: readonly unknown[]) => unknown, fuel),
      ]),
    );
  }
  return guarded;
}

function guard(
  name: string,
  call: (...values: readonly unknown[]) => unknown,
  fuel: Pick<FuelGauge, "stop" | "stopping">,
): (...values: readonly unknown[]) => unknown {
  return (...values) => {
    try {
      return call(...values);
    } catch (error) {
      const reason = classifyFailure(error);
      fuel.stop(
        reason.kind === "host-error" ? { kind: "trap", message: `a call of "${name}" cannot be made` } : reason,
      );
      return undefined;
    }
  };
}
