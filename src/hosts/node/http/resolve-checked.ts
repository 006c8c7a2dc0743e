import { lookup } from "node:dns/promises";
import { canonicalAddress, isAddress, specialAddress } from "../../../capabilities/network/policy/address.ts";
import { TransportError } from "../../../capabilities/network/transport/transport.ts";

/** Gives all addresses of a name. Default: the system's resolver. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface PinnedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

export const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/**
 * The addresses that a connection to `host` may go to: looked up once, each of them checked. One bad address refuses
 * the name: a resolver that mixes public and private answers is what DNS rebinding looks like.
 *
 * @param host as a URL has it; an IP address was named by a rule itself and stands as it is.
 * @param allowed special addresses that the name may have, in canonical form.
 */
export async function resolveChecked(
  host: string,
  allowed: readonly string[],
  resolve: Resolve,
): Promise<readonly PinnedAddress[]> {
  if (isAddress(host)) return [pin(host)];
  const found = await answersOf(host, resolve);
  if (found.length === 0) throw new TransportError("no-such-host");
  return found.slice(0, MAX_ADDRESSES).map((text) => {
    const address = canonicalAddress(text);
    const special = address === undefined ? "invalid" : specialAddress(address);
    if (address === undefined || (special !== undefined && !allowed.includes(address))) {
      throw new TransportError(
        "denied",
        `the name has a ${special ?? "invalid"} address, which its rule does not name`,
      );
    }
    return pin(address);
  });
}

const MAX_ADDRESSES = 64;

async function answersOf(host: string, resolve: Resolve): Promise<readonly string[]> {
  try {
    const answers: unknown = await resolve(host);
    return Array.isArray(answers) ? answers.map(String) : [];
  } catch (cause) {
    throw new TransportError("no-such-host", "", { cause });
  }
}

function pin(address: string): PinnedAddress {
  return address.startsWith("[") ? { address: address.slice(1, -1), family: 6 } : { address, family: 4 };
}
