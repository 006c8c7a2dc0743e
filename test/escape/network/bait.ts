import { createServer } from "node:http";
import type { Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Scene } from "../harness/scene.ts";

/** A service on this machine that nobody granted: it answers everything with a secret, and counts who came. */
export interface Bait {
  readonly port: number;
  hits(): number;
  close(): Promise<void>;
}

/** Listens on both loopback addresses, if the machine has both. */
export async function layBait({ canaries }: Scene): Promise<Bait> {
  let hits = 0;
  const serve = (): Server =>
    createServer((_request, response) => {
      hits++;
      response.end(canaries.file);
    });
  const first = serve().listen(0, "127.0.0.1");
  await once(first, "listening");
  const { port } = first.address() as AddressInfo;
  const second = serve();
  second.on("error", () => undefined);
  second.listen(port, "::1");
  return {
    port,
    hits: () => hits,
    close: async () => {
      for (const server of [first, second]) {
        if (!server.listening) continue;
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
}
