import { TransportError } from "../../../capabilities/network/transport/transport.ts";
import type { HttpTransport } from "../../../capabilities/network/transport/transport.ts";
import { blockingTransport } from "./blocking-transport.ts";
import { systemResolve } from "./resolve-checked.ts";
import type { Resolve } from "./resolve-checked.ts";
import { loadUndici, sendWithUndici } from "./undici-transport.ts";

export interface NodeTransportOptions {
  /**
   * Gives all addresses of a host name, each of which is then checked. Default: the system's resolver.
   * With a resolver of your own there is no blocking form: it cannot be asked while the thread waits.
   */
  readonly resolve?: Resolve;
  /** Certificate authorities to trust in place of Node's own, as PEM. With these too there is no blocking form. */
  readonly ca?: readonly string[];
}

/**
 * Node's transport: undici, connected only to addresses that were looked at.
 *
 * @example
 * ```ts
 * const transport = nodeTransport({ resolve: async (host) => await myResolver.addressesOf(host) });
 * ```
 */
export function nodeTransport(options: NodeTransportOptions = {}): HttpTransport {
  const { resolve, ca } = options;
  if (resolve !== undefined && typeof resolve !== "function")
    throw new TypeError("Cannot make a transport: resolve must be a function");
  return {
    async send(request, signal) {
      try {
        return await sendWithUndici(request, signal, resolve ?? systemResolve, ca);
      } catch (cause) {
        throw cause instanceof TransportError ? cause : new TransportError("connection", "", { cause });
      }
    },
    async prepare() {
      // Where it is missing, the first request says so.
      await loadUndici().catch(() => undefined);
    },
    blocking: resolve === undefined && ca === undefined ? blockingTransport : undefined,
  };
}
