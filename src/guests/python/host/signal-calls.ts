import type { HostCall } from "./python-host.ts";

/** Signals that a guest sends to itself (`signal.raise_signal`). */
export const signalCalls: Readonly<Record<string, HostCall>> = {
  __call_sighandler(host, handler: number, signal: number) {
    const { trampoline } = host;
    // The call is made by a Wasm function with a checked type: a forged handler address is a trap of the guest.
    host.gauge.enter(() => trampoline.signal(handler, signal));
  },
};
