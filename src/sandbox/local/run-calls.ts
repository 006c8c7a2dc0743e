import { DenialLog } from "../../capabilities/denials/denial-log.ts";
import { fetchTransport } from "../../capabilities/network/transport/fetch-transport.ts";
import type { HttpCalls } from "../../capabilities/network/http-calls.ts";
import { HttpLedger } from "../../capabilities/network/requests/http-ledger.ts";
import type { SpentNetwork } from "../../capabilities/network/requests/http-ledger-options.ts";
import type { RequestRecord } from "../../capabilities/network/requests/request-record.ts";
import { joinPending } from "../../capabilities/pending-calls.ts";
import type { PendingCalls } from "../../capabilities/pending-calls.ts";
import type { ToolCalls } from "../../capabilities/tools/tool-calls.ts";
import { DeferredCalls } from "../../capabilities/tools/deferred-calls.ts";
import type { StoredCall } from "../../capabilities/tools/deferred-calls.ts";
import { ToolLedger } from "../../capabilities/tools/tool-ledger.ts";
import type { SpentCalls } from "../../capabilities/tools/call-budget.ts";
import type { ToolCallRecord } from "../../capabilities/tools/audit/call-record.ts";
import type { Suspension } from "../../execution/execution.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Denial } from "../result.ts";
import type { SandboxHost } from "../sandbox-host.ts";
import type { ExhaustedCalls } from "../spent-budget.ts";
import type { Usage } from "../usage.ts";

/** The tools and the network of one run: what its guest may call outside of itself. */
export interface RunCalls {
  readonly tools: ToolCalls;
  readonly http: HttpCalls;
  readonly pending: PendingCalls;
  /** Given if the caller of the run answers its tool calls; undefined if the tools' own functions do. */
  readonly suspension?: CallsSuspension | undefined;
  /** Ends what is still going on; what comes later is dropped. */
  close(): void;
  /** What was called, for the run's result. */
  report(): CallsReport;
  /** What the caller's own `onCall` or `redact` threw, once. */
  takeFailure(): { readonly error: unknown } | undefined;
}

export interface CallsReport {
  /** Made anew each time that it is read. */
  readonly calls: readonly ToolCallRecord[];
  /** Tool calls that `calls` leaves out. */
  readonly omittedCalls: number;
  readonly requests: readonly RequestRecord[];
  readonly denials: readonly Denial[];
  /** The budgets that refused something: what they allowed. */
  readonly exhausted: ExhaustedCalls;
  readonly usage: Pick<Usage, "toolCalls" | "requests" | "networkBytes">;
}

/** How the calls of a run wait for its caller. */
export interface CallsSuspension extends Suspension {
  /** Those that wait. */
  readonly calls: readonly StoredCall[];
  /** Ends all others; these the next stretch of the run adopts. Returns what counts on there. */
  suspend(): SpentPowers;
}

/** What a run has used of its budgets before it was suspended. */
export interface SpentPowers {
  readonly tools: SpentCalls;
  readonly network: SpentNetwork;
}

/** The calls of a run that goes on. */
export interface EarlierCalls {
  readonly spent: SpentPowers;
  readonly calls: readonly StoredCall[];
  /** By the number of the call: a value, or a promise that rejects. */
  readonly answers: ReadonlyMap<number, unknown>;
}

export interface RunCallsSettings {
  readonly maxToolCalls: number;
  /** False: the thread is not given back before the end of the run. */
  readonly allowAsync: boolean;
  /** Pays for host work; says how long a wait may be. */
  readonly fuel: Pick<FuelGauge, "charge" | "remainingMs" | "used">;
  /** Whether the caller of the run answers its tool calls. Default: no. */
  readonly suspend?: boolean;
  /** Default: the run begins. */
  readonly earlier?: EarlierCalls | undefined;
  /** With `suspend`: told of each call that begins to wait for the caller. */
  readonly onDeferred?: ((call: StoredCall) => void) | undefined;
}

/** Begins the calls of a run whose host functions are on this thread. */
export function openRunCalls(host: SandboxHost, options: ResolvedOptions, settings: RunCallsSettings): RunCalls {
  const { platform } = host;
  const { allowAsync, fuel } = settings;
  const charge = (units: number): boolean => fuel.charge(units);
  const started = platform.monotonicNow();
  const denials = new DenialLog();
  const { earlier } = settings;
  const deferred = settings.suspend === true ? new DeferredCalls(settings.onDeferred) : undefined;
  const tools = new ToolLedger({
    tools: deferred?.wrap(options.tools) ?? options.tools,
    maxCalls: settings.maxToolCalls,
    allowAsync,
    charge,
    fuelUsed: () => fuel.used,
    now: () => platform.monotonicNow() - started,
    denials,
    onCall: options.onCall,
    spent: earlier?.spent.tools,
  });
  const http = new HttpLedger({
    network: options.network,
    transport: options.fetch === undefined ? (options.transport ?? platform.transport) : fetchTransport(options.fetch),
    allowAsync,
    charge,
    remainingMs: () => fuel.remainingMs(),
    now: () => platform.monotonicNow(),
    sleep: (ms, until) => platform.sleep(ms, until),
    spent: earlier?.spent.network,
  });
  const joined = options.network.rules.length > 0 ? joinPending([tools, http]) : tools;
  return {
    suspension: deferred && suspensionOf(deferred, tools, http),
    tools,
    http,
    pending: earlier === undefined ? joined : adoptCalls(earlier, tools, joined, deferred),
    close: () => {
      tools.close();
      http.close();
    },
    report: () => ({
      get calls() {
        return tools.records;
      },
      omittedCalls: tools.omitted,
      requests: http.records,
      denials: [...http.denials, ...denials.list],
      exhausted: { tools: tools.exhausted, network: http.exhausted },
      usage: { toolCalls: tools.count, requests: http.count, networkBytes: http.bytes },
    }),
    takeFailure: () => tools.takeFailure(),
  };
}

function suspensionOf(deferred: DeferredCalls, tools: ToolLedger, http: HttpLedger): CallsSuspension {
  return {
    reached: (callIds) => deferred.reached(callIds),
    whenReached: (callIds) => deferred.whenReached(callIds),
    get calls() {
      return deferred.calls;
    },
    suspend: () => {
      const spent = { tools: tools.spent, network: http.spent };
      tools.suspend();
      http.close();
      return spent;
    },
  };
}

/** All answers come to the guest at once: how it goes on must not hang on which promise was looked at first. */
function adoptCalls(
  { calls, answers }: EarlierCalls,
  tools: ToolLedger,
  joined: PendingCalls,
  deferred: DeferredCalls | undefined,
): PendingCalls {
  for (const call of calls) tools.adopt(call, answers.has(call.id) ? answers.get(call.id) : deferred?.defer(call));
  const answered = [...answers.keys()];
  return {
    takeSettled: () => joined.takeSettled(),
    nextSettlement: async () => {
      await tools.settled(answered);
      await joined.nextSettlement();
    },
  };
}
