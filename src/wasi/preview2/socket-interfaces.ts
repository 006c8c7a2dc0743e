import { SEALED } from "../../capabilities/denials/denial-log.ts";
import { failWith } from "./host/failure.ts";
import { guardFunctions } from "./host/guard.ts";
import { NeverMade } from "./host/never-made.ts";
import { Resource } from "./host/preview2-host.ts";
import type { Preview2Host } from "./host/preview2-host.ts";
import type { ResourceState } from "./host/resource-state.ts";
import type { Interfaces } from "./interfaces.ts";

/** The handle that every socket call asks for. It opens nothing. */
export class Network extends Resource {
  override capture(): ResourceState {
    return { kind: "network" };
  }
}
/** Never made: creation is refused. */
class TcpSocket extends NeverMade {}
class UdpSocket extends NeverMade {}
class IncomingDatagramStream extends NeverMade {}
class OutgoingDatagramStream extends NeverMade {}
class ResolveAddressStream extends NeverMade {}

const REFUSED = "access-denied";

/** `wasi:sockets`: programs that may use sockets load, and each attempt is refused. */
export function socketInterfaces(host: Preview2Host): Interfaces {
  const refuse = (what: string, where: string): never => {
    host.powers.denials?.note(what, where, SEALED);
    return failWith(REFUSED);
  };
  return {
    "wasi:sockets/network": { Network },
    "wasi:sockets/instance-network": guardFunctions(host, { instanceNetwork: () => new Network(host) }),
    "wasi:sockets/tcp": { TcpSocket },
    "wasi:sockets/tcp-create-socket": guardFunctions(
      host,
      { createTcpSocket: () => refuse("network.socket", "tcp") },
      REFUSED,
    ),
    "wasi:sockets/udp": { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    "wasi:sockets/udp-create-socket": guardFunctions(
      host,
      { createUdpSocket: () => refuse("network.socket", "udp") },
      REFUSED,
    ),
    "wasi:sockets/ip-name-lookup": {
      ResolveAddressStream,
      ...guardFunctions(
        host,
        { resolveAddresses: (_network: unknown, name: string) => refuse("network.resolve", name) },
        REFUSED,
      ),
    },
  };
}
