import { beforeEach, describe, expect, test } from "vitest";
import { memoryDirectory, seededRandom, virtualClock } from "../../src/index.ts";
import { createEnvironment } from "../../src/capabilities/environment/create-environment.ts";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../src/capabilities/output/output-sink.ts";
import { createFuelGauge } from "../../src/engine/index.ts";
import { Preview2Host } from "../../src/wasi/preview2/host/preview2-host.ts";
import type { Interfaces } from "../../src/wasi/preview2/interfaces.ts";
import { preview2Imports } from "../../src/wasi/preview2/preview2-imports.ts";
import { SERVED_INTERFACES } from "../../src/wasi/preview2/served-interfaces.ts";

const fuel = createFuelGauge({ now: () => 0 });

let host: Preview2Host;
let imports: Interfaces;

beforeEach(() => {
  const clock = virtualClock();
  host = new Preview2Host(
    fuel,
    {
      files: createFileView({
        mounts: new Map([["/w", memoryDirectory({ files: { "a.txt": "alpha" } })]]),
        now: () => clock.now(),
      }),
      clock,
      random: seededRandom(1),
      environment: createEnvironment(),
      output: createOutputSink({ maxBytes: 1_000 }),
      input: { read: () => 0 },
    },
    ["/w"],
  );
  imports = preview2Imports(host);
  fuel.arm({ fuel: Number.POSITIVE_INFINITY });
});

function call(from: string, name: string, ...args: unknown[]): unknown {
  const found = imports[from]?.[name];
  if (typeof found !== "function") throw new Error(`there is no ${from} ${name}`);
  return (found as (...values: unknown[]) => unknown)(...args);
}

interface Directory {
  readonly openAt: (...values: unknown[]) => { read: (length: bigint, offset: bigint) => [Uint8Array, boolean] };
}

function directory(): Directory {
  const [[found] = []] = call("wasi:filesystem/preopens", "getDirectories") as [Directory, string][];
  if (found === undefined) throw new Error("no directory is open");
  return found;
}

describe("WASI 0.2", () => {
  test("has every interface that is said to be served, and no other", () => {
    expect(Object.keys(imports).sort()).toEqual([...SERVED_INTERFACES.keys()].sort());
  });

  test("waits on the sandbox's clock: a virtual one jumps", () => {
    const later = call("wasi:clocks/monotonic-clock", "subscribeDuration", 3_600_000_000_000n);
    const soon = call("wasi:clocks/monotonic-clock", "subscribeDuration", 1_000_000n);
    expect(call("wasi:io/poll", "poll", [later, soon])).toEqual(Uint32Array.of(1));
    expect(call("wasi:io/poll", "poll", [later])).toEqual(Uint32Array.of(0));
    expect(host.powers.clock.monotonic()).toBe(3_600_000);
  });

  test("refuses sockets and requests that were not granted", () => {
    expect(() => call("wasi:sockets/tcp-create-socket", "createTcpSocket", "ipv4")).toThrow(
      expect.objectContaining({ payload: "access-denied" }),
    );
    const { Fields, OutgoingRequest } = imports["wasi:http/types"] as {
      Fields: new () => object;
      OutgoingRequest: new (headers: object) => object;
    };
    expect(() => call("wasi:http/outgoing-handler", "handle", new OutgoingRequest(new Fields()), undefined)).toThrow(
      expect.objectContaining({ payload: { tag: "HTTP-request-denied" } }),
    );
  });

  test("opens files below its directories only", () => {
    const file = directory().openAt({}, "a.txt", {}, { read: true });
    expect(file.read(10n, 1n)).toEqual([new TextEncoder().encode("lpha"), false]);
    expect(file.read(10n, 5n)).toEqual([new Uint8Array(0), true]);
    for (const path of ["/w/a.txt", "../w/a.txt", "x/../../w/a.txt"]) {
      expect(() => directory().openAt({}, path, {}, { read: true }), path).toThrow(
        expect.objectContaining({ payload: "not-permitted" }),
      );
    }
  });

  test("stops a guest that hoards resources, and closes what it left open", () => {
    for (let count = 0; count < 4_096; count++) call("wasi:cli/stdin", "getStdin");
    expect(fuel.stopping).toBe(false);
    call("wasi:cli/stdin", "getStdin");
    expect(fuel.stopping).toBe(true);
    host.end();
    fuel.arm({ fuel: Number.POSITIVE_INFINITY });
    call("wasi:cli/stdin", "getStdin");
    expect(fuel.stopping).toBe(false);
  });
});
