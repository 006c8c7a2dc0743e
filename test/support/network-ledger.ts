import { HttpLedger } from "../../src/capabilities/network/requests/http-ledger.ts";
import type { HttpLedgerOptions } from "../../src/capabilities/network/requests/http-ledger-options.ts";
import type { NetworkPolicy } from "../../src/capabilities/network/policy/network-policy.ts";
import { resolveNetwork } from "../../src/capabilities/network/policy/resolve-network.ts";
import type {
  HttpTransport,
  TransportHead,
  TransportRequest,
} from "../../src/capabilities/network/transport/transport.ts";
import { platform } from "../../src/hosts/node/platform.ts";

/** A ledger of a run that may do what `policy` says. */
export function ledgerFor(
  policy: NetworkPolicy,
  transport: HttpTransport,
  options: Partial<HttpLedgerOptions> = {},
): HttpLedger {
  return new HttpLedger({
    network: resolveNetwork(policy, "Cannot test"),
    transport,
    allowAsync: true,
    charge: () => undefined,
    remainingMs: () => 60_000,
    now: () => performance.now(),
    sleep: async (ms, signal) => await platform.sleep(ms, signal),
    ...options,
  });
}

/** A transport that notes what reaches it and answers from memory. */
export interface RecordingTransport extends HttpTransport {
  readonly requests: TransportRequest[];
}

export type Answer = Partial<TransportHead> & { readonly body?: readonly (string | Uint8Array)[] };

export function recordingTransport(answer: (request: TransportRequest) => Answer = () => ({})): RecordingTransport {
  const requests: TransportRequest[] = [];
  return {
    requests,
    async send(request) {
      requests.push(request);
      const { status = 200, statusText = "", headers = [], body = [] } = answer(request);
      const pieces = [...body];
      return await Promise.resolve({
        status,
        statusText,
        headers,
        read: async () => {
          const piece = pieces.shift();
          return await Promise.resolve(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
        },
        cancel: () => void (pieces.length = 0),
      });
    },
  };
}

export interface Fetched {
  readonly status?: number;
  readonly url?: string;
  readonly redirected?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly error?: string;
  readonly message?: string;
}

/** One request from its start to the end of its body, as a guest would make it. */
export async function fetched(
  ledger: HttpLedger,
  url: string,
  options: {
    readonly method?: string;
    readonly headers?: readonly (readonly [string, string])[];
    readonly body?: string;
    readonly redirect?: string;
    readonly timeoutMs?: number;
  } = {},
): Promise<Fetched> {
  const { method = "GET", headers = [], body = "", redirect = "follow", timeoutMs } = options;
  let reply = ledger.start(
    JSON.stringify({ url, method, headers, redirect, timeoutMs }),
    new TextEncoder().encode(body),
    false,
  );
  if (reply.state === "pending") reply = await settlementOf(ledger, reply.id);
  if (reply.state === "error") return { error: reply.name, message: reply.message };
  if (reply.state !== "value") throw new Error("A settlement cannot be pending");
  const head = JSON.parse(reply.json) as {
    id: number;
    status: number;
    url: string;
    redirected: boolean;
    headers: [string, string][];
  };
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = ledger.read(head.id, 1_000_000);
    if (piece.state === "bytes") pieces.push(piece.bytes);
    else if (piece.state === "pending") await settlementOf(ledger, piece.id);
    else {
      const { status, redirected } = head;
      const all = {
        status,
        url: head.url,
        redirected,
        headers: Object.fromEntries(head.headers),
        body: Buffer.concat(pieces).toString(),
      };
      return piece.state === "end" ? all : { ...all, error: piece.name, message: piece.message };
    }
  }
}

/** Settlements that somebody else waits for, by ledger. */
const others = new WeakMap<HttpLedger, Map<number, ReturnType<HttpLedger["takeSettled"]>[number]>>();

async function settlementOf(
  ledger: HttpLedger,
  id: number,
): Promise<ReturnType<HttpLedger["takeSettled"]>[number]["reply"]> {
  const known = others.get(ledger) ?? new Map<number, ReturnType<HttpLedger["takeSettled"]>[number]>();
  others.set(ledger, known);
  for (;;) {
    for (const settlement of ledger.takeSettled()) known.set(settlement.id, settlement);
    const mine = known.get(id);
    if (mine !== undefined) {
      known.delete(id);
      return mine.reply;
    }
    // Several of these wait at once, and the ledger wakes one: so look again soon in any case.
    await Promise.race([ledger.nextSettlement(), platform.sleep(5)]);
  }
}
