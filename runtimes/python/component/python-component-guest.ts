import { componentImports } from "../../../src/guests/component/component-imports.ts";
import { instantiateComponent } from "../../../src/guests/component/component-instance.ts";
import type { ComponentInstance } from "../../../src/guests/component/component-instance.ts";
import { findExport } from "../../../src/guests/component/component-exports.ts";
import { loadComponent } from "../../../src/guests/component/load-component.ts";
import type { PreparedComponent } from "../../../src/guests/component/load-component.ts";
import type { Guest, GuestContext, GuestSession, GuestTurn, RunRequest } from "../../../src/guests/guest.ts";
import type { ChannelReport } from "../../../src/guests/python/host/host-channel.ts";
import { SITE_PACKAGES } from "../../../src/guests/python/packages/installed-packages.ts";
import { turnOf } from "../../../src/guests/python/python-turn.ts";
import { isNearCap } from "../../../src/guests/module/memory-watch.ts";
import { replyText } from "../../../src/guests/reply-text.ts";
import type { ToolSettlement } from "../../../src/capabilities/tools/tool-calls.ts";
import { Preview2Host } from "../../../src/wasi/preview2/host/preview2-host.ts";
import type { Interfaces } from "../../../src/wasi/preview2/interfaces.ts";

/** As of the direct host: see runtimes/python/build.ts. */
const STACK_LIMIT = 900_000;

/**
 * The component in the place of the Python guest, so that one can be tested and measured with what was written for the
 * other. `interrupt` it does not have, nor snapshots, which the guest of components makes.
 */
export function pythonComponentGuest(
  bytes: () => Promise<Uint8Array<ArrayBuffer>>,
  stackLimit: number = STACK_LIMIT,
): Guest {
  return {
    kinds: ["python"],
    async create(context) {
      const session = new PythonComponentSession(await loadComponent(await bytes(), context, stackLimit), context);
      session.prepare();
      return session;
    },
  };
}

/** A turn as jco lifts it. */
interface Turn {
  readonly tag: string;
  readonly val?: string | number;
}

class PythonComponentSession implements GuestSession {
  readonly #prepared: PreparedComponent;
  readonly #context: GuestContext;
  readonly #host: Preview2Host;
  readonly #imports: Interfaces;
  readonly #pending = new Set<number>();
  #instance: ComponentInstance | undefined;
  #memoryBytes = 0;

  constructor(prepared: PreparedComponent, context: GuestContext) {
    this.#prepared = prepared;
    this.#context = context;
    this.#host = new Preview2Host(context.fuel, context.capabilities, ["/"]);
    this.#imports = componentImports(prepared.description, this.#host, context, (number) => this.#pending.add(number));
  }

  /** Instances are made between runs, as of the direct host; the binary is ours, so that it needs no budget for it. */
  prepare(): void {
    if (this.#instance !== undefined) return;
    const { fuel } = this.#context;
    fuel.arm({ fuel: Number.POSITIVE_INFINITY });
    const made = fuel.enter(() => instantiateComponent(this.#prepared, this.#imports, fuel));
    fuel.disarm();
    if (made.kind === "returned") this.#instance = made.value;
  }

  start({ source, filename, args }: RunRequest): GuestTurn {
    // Calls that the last run started and did not wait for are nobody's any more.
    this.#pending.clear();
    const { valueBytes, packages } = this.#context;
    const path = packages === undefined ? [] : [SITE_PACKAGES];
    return this.#enter("run", { source, filename, args, path, valueBytes });
  }

  resume(settlements: readonly ToolSettlement[]): GuestTurn {
    const known = settlements.filter(({ id }) => this.#pending.delete(id));
    const encoder = new TextEncoder();
    return this.#enter(
      "resume",
      known.map(({ id, reply }) => ({ number: BigInt(id), reply: encoder.encode(replyText(reply)) })),
    );
  }

  reset(): void {
    this.#instance?.cell.release();
    this.#instance = undefined;
    this.#pending.clear();
    this.#host.end();
  }

  close(): void {
    this.reset();
  }

  memoryBytes(): number {
    return this.#memoryBytes;
  }

  memoryRefused(): boolean {
    return isNearCap(this.#memoryBytes, this.#context.memoryBytes);
  }

  #enter(name: string, argument: unknown): GuestTurn {
    const { fuel, valueBytes } = this.#context;
    const entered = fuel.enter(() => {
      this.#instance ??= instantiateComponent(this.#prepared, this.#imports, fuel);
      this.#instance.rearm();
      const call = findExport(this.#instance.exports, `wardian:python/program#${name}`);
      const report = reportOf(call?.(argument) as Turn);
      return turnOf(report, [...this.#pending], valueBytes, () => fuel.check());
    });
    this.#memoryBytes = this.#instance?.memoryBytes() ?? 0;
    if (entered.kind === "returned") return entered.value;
    const deep = entered.reason.kind === "unreachable" && this.#instance?.tooDeep() === true;
    return { state: "stopped", reason: deep ? { kind: "stack" } : entered.reason };
  }
}

/** The turn as the prelude reported it. */
function reportOf({ tag, val = "" }: Turn): ChannelReport | undefined {
  if (tag === "lost") return undefined;
  return tag === "too-large"
    ? { kind: tag }
    : { kind: tag as "value" | "error" | "exit" | "waiting", text: String(val) };
}
