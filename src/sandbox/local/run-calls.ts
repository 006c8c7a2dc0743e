import { DenialLog } from "../../capabilities/denials/denial-log.ts";
import { fetchTransport } from "../../capabilities/network/transport/fetch-transport.ts";
import type { HttpCalls } from "../../capabilities/network/http-calls.ts";
import { HttpLedger } from "../../capabilities/network/requests/http-ledger.ts";
import type { RequestRecord } from "../../capabilities/network/requests/request-record.ts";
import { joinPending } from "../../capabilities/pending-calls.ts";
import type { PendingCalls } from "../../capabilities/pending-calls.ts";
import type { ToolCalls } from "../../capabilities/tools/tool-calls.ts";
import { ToolLedger } from "../../capabilities/tools/tool-ledger.ts";
import type { ToolCallRecord } from "../../capabilities/tools/audit/call-record.ts";
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
  /** Ends what is still going on; what comes later is dropped. */
  close(): void;
  /** What was called, for the run's result. */
  report(): CallsReport;
  /** What the caller's own `onCall` or `redact` threw, once. */
  takeFailure(): { readonly error: unknown } | undefined;
}

export interface CallsReport {
  readonly calls: readonly ToolCallRecord[];
  /** Tool calls that `calls` leaves out. */
  readonly omittedCalls: number;
  readonly requests: readonly RequestRecord[];
  readonly denials: readonly Denial[];
  /** The budgets that refused something: what they allowed. */
  readonly exhausted: ExhaustedCalls;
  readonly usage: Pick<Usage, "toolCalls" | "requests" | "networkBytes">;
}

export interface RunCallsSettings {
  readonly maxToolCalls: number;
  /** False: the thread is not given back before the end of the run. */
  readonly allowAsync: boolean;
  /** Pays for host work; says how long a wait may be. */
  readonly fuel: Pick<FuelGauge, "charge" | "remainingMs" | "used">;
}

/** Begins the calls of a run whose host functions are on this thread. */
export function openRunCalls(host: SandboxHost, options: ResolvedOptions, settings: RunCallsSettings): RunCalls {
  const { platform } = host;
  const { allowAsync, fuel } = settings;
  const charge = (units: number): boolean => fuel.charge(units);
  const started = platform.monotonicNow();
  const denials = new DenialLog();
  const tools = new ToolLedger({
    tools: options.tools,
    maxCalls: settings.maxToolCalls,
    allowAsync,
    charge,
    fuelUsed: () => fuel.used,
    now: () => platform.monotonicNow() - started,
    denials,
    onCall: options.onCall,
  });
  const http = new HttpLedger({
    network: options.network,
    transport: options.fetch === undefined ? (options.transport ?? platform.transport) : fetchTransport(options.fetch),
    allowAsync,
    charge,
    remainingMs: () => fuel.remainingMs(),
    now: () => platform.monotonicNow(),
    sleep: (ms, until) => platform.sleep(ms, until),
  });
  return {
    tools,
    http,
    pending: options.network.rules.length > 0 ? joinPending([tools, http]) : tools,
    close: () => {
      tools.close();
      http.close();
    },
    report: () => ({
      calls: tools.records,
      omittedCalls: tools.omitted,
      requests: http.records,
      denials: [...http.denials, ...denials.list],
      exhausted: { tools: tools.exhausted, network: http.exhausted },
      usage: { toolCalls: tools.count, requests: http.count, networkBytes: http.bytes },
    }),
    takeFailure: () => tools.takeFailure(),
  };
}
