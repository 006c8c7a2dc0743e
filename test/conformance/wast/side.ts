import { createFuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import type { FuelGauge, StopReason } from "../../../src/engine/instance/fuel-gauge.ts";
import { meter } from "../../../src/engine/index.ts";
import { verifyMetering } from "../../../src/engine/verify/verify-metering.ts";
import { comparable } from "./values.ts";

/** What became of a command, in a form that can be compared. */
export type Verdict =
  | { readonly kind: "return"; readonly value: unknown }
  | { readonly kind: string; readonly value?: unknown };

/** The modules and instances of one script, run one way: as they are, or metered. */
export class Side {
  readonly #mode: "plain" | "exact" | "optimized";
  readonly #gauge: FuelGauge = createFuelGauge({ now: () => performance.now(), sliceUnits: 1_000_000 });
  readonly #registered: Map<string, WebAssembly.Exports> = new Map([["spectest", spectest()]]);
  readonly #named: Map<string, WebAssembly.Exports> = new Map();
  #last: WebAssembly.Exports | undefined;
  /** What the verifier could not prove of a metered module. */
  readonly problems: string[] = [];

  constructor(mode: "plain" | "exact" | "optimized") {
    this.#mode = mode;
  }

  /** Whether the engine takes the (metered) module. */
  validates(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#mode === "plain") return WebAssembly.validate(bytes);
    try {
      return WebAssembly.validate(meter(bytes, { mode: this.#mode }).bytes);
    } catch {
      return false;
    }
  }

  instantiate(bytes: Uint8Array<ArrayBuffer>, name: string | undefined): Verdict {
    this.#last = undefined;
    const verdict = this.#run(() => {
      const exports = this.#mode === "plain" ? this.#plain(bytes) : this.#metered(bytes, this.#mode);
      this.#last = exports;
      if (name !== undefined) this.#named.set(name, exports);
    });
    return verdict;
  }

  register(as: string, name: string | undefined): void {
    const exports = this.#exports(name);
    if (exports !== undefined) this.#registered.set(as, exports);
  }

  call(name: string | undefined, field: string, args: readonly unknown[]): Verdict {
    const found = this.#exports(name)?.[field] as ((...args: readonly unknown[]) => unknown) | undefined;
    return typeof found === "function" ? this.#run(() => found(...args)) : { kind: "no such export" };
  }

  get(name: string | undefined, field: string): Verdict {
    const found = this.#exports(name)?.[field] as WebAssembly.Global | undefined;
    return found instanceof WebAssembly.Global ? this.#run((): unknown => found.value) : { kind: "no such export" };
  }

  #exports(name: string | undefined): WebAssembly.Exports | undefined {
    return name === undefined ? this.#last : this.#named.get(name);
  }

  #imports(module: WebAssembly.Module): WebAssembly.Imports {
    const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null) as Record<
      string,
      never
    >;
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      const value = this.#registered.get(from)?.[name];
      imports[from] ??= Object.create(null) as Record<string, never>;
      if (value !== undefined) imports[from][name] = value as WebAssembly.ImportValue;
    }
    return imports;
  }

  #plain(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Exports {
    const module = new WebAssembly.Module(bytes);
    return new WebAssembly.Instance(module, this.#imports(module)).exports;
  }

  #metered(bytes: Uint8Array<ArrayBuffer>, mode: "exact" | "optimized"): WebAssembly.Exports {
    const metered = meter(bytes, { mode });
    const verdict = verifyMetering(metered.bytes, metered);
    if (!verdict.ok) this.problems.push(...verdict.problems.map(({ problem }) => problem));
    const module = new WebAssembly.Module(metered.bytes);
    const cell = this.#gauge.cell();
    const instance = new WebAssembly.Instance(module, {
      ...this.#imports(module),
      wardian: { exhausted: cell.exhausted },
    });
    cell.attach(instance.exports[metered.fuelExport] as WebAssembly.Global<"i32">);
    return instance.exports;
  }

  #run(action: () => unknown): Verdict {
    if (this.#mode === "plain") {
      try {
        return { kind: "return", value: comparable(action()) };
      } catch (error) {
        return plainVerdict(error);
      }
    }
    // Instances of earlier commands stay alive: one budget for each command.
    this.#gauge.arm({ fuel: 20e9, timeoutMs: 60_000 });
    const completion = this.#gauge.enter(action);
    this.#gauge.disarm();
    return completion.kind === "returned"
      ? { kind: "return", value: comparable(completion.value) }
      : reasonVerdict(completion.reason);
  }
}

function plainVerdict(error: unknown): Verdict {
  const gauge = createFuelGauge({ now: () => 0 });
  gauge.arm({ fuel: 1 });
  const completion = gauge.enter(() => {
    throw error;
  });
  return completion.kind === "stopped" ? reasonVerdict(completion.reason) : { kind: "return" };
}

function reasonVerdict(reason: StopReason): Verdict {
  if (reason.kind === "trap") return { kind: "trap", value: reason.message };
  if (reason.kind === "host-error")
    return { kind: "error", value: reason.cause instanceof Error ? reason.cause.name : typeof reason.cause };
  return { kind: reason.kind };
}

function spectest(): WebAssembly.Exports {
  const none = (): void => undefined;
  return {
    print: none,
    print_i32: none,
    print_i64: none,
    print_f32: none,
    print_f64: none,
    print_i32_f32: none,
    print_f64_f64: none,
    global_i32: new WebAssembly.Global({ value: "i32" }, 666),
    global_i64: new WebAssembly.Global({ value: "i64" }, 666n),
    global_f32: new WebAssembly.Global({ value: "f32" }, 666.6),
    global_f64: new WebAssembly.Global({ value: "f64" }, 666.6),
    table: new WebAssembly.Table({ element: "anyfunc", initial: 10, maximum: 20 }),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
  };
}
