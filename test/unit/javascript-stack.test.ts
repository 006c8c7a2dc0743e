// The build gives QuickJS a C stack of 512 KiB in place of the 5 that it is linked with. Nothing but the engine's own limit and the
// metered depth keep a guest from reaching its end, below which lies the engine's data: this is how far they let it come.
import { expect, test } from "vitest";
import { host } from "../../src/host.ts";
import { javascriptGuest } from "../../src/guests/javascript/javascript-guest.ts";
import type { GuestSession } from "../../src/guests/guest.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";

/** As the build lays the memory out: data, stack, heap. */
const STACK_END = 90_208;
const STACK_TOP = STACK_END + 2 ** 19;

/** A sandbox whose guest's memory is looked at when a run has ended, before it is put back. */
class WatchedSandbox extends Sandbox {
  static async create(onEnd: (session: GuestSession) => void): Promise<WatchedSandbox> {
    const watched = {
      ...javascriptGuest,
      create: async (context: Parameters<typeof javascriptGuest.create>[0]): Promise<GuestSession> => {
        const session = await javascriptGuest.create(context);
        const reset = session.reset.bind(session);
        session.reset = () => {
          onEnd(session);
          reset();
        };
        return session;
      },
    };
    const limits = { fuel: 3e10, timeoutMs: 60_000, memoryBytes: 256 * 2 ** 20 };
    return new WatchedSandbox(
      await Sandbox.createOn({ ...host, guests: [watched] }, { language: "javascript", limits }),
    );
  }
}

/** Bytes of the stack that were written to. */
function usedStack(session: GuestSession): number {
  let lowest = STACK_TOP;
  for (const { offset, bytes } of session.capture?.().image.memories[0]?.runs ?? []) {
    if (offset >= STACK_TOP) break;
    for (let at = Math.max(0, STACK_END - offset); at < bytes.length && offset + at < lowest; at++)
      if (bytes[at] !== 0) lowest = offset + at;
  }
  return STACK_TOP - lowest;
}

const nest = (open: string, close: string, count: number): string =>
  `${JSON.stringify(open)}.repeat(${count}) + ${JSON.stringify(close)}.repeat(${count})`;

test.each([
  ["functions", "(function f() { f() })()"],
  ["valueOf", "const o = { valueOf: () => +o }; +o"],
  ["an array's text", "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)"],
  ["JSON.parse of arrays", `JSON.parse(${nest("[", "]", 1e5)})`],
  ["JSON.parse of objects", `JSON.parse('{"a":'.repeat(1e5) + 1 + "}".repeat(1e5))`],
  ["JSON.stringify", "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)"],
  ["the parser", `eval(${nest("(", ")", 1e5)})`],
  ["templates", 'eval("`${".repeat(3000) + 1 + "}`".repeat(3000))'],
  ["a regular expression", `new RegExp(${nest("(", ")", 20_000)})`],
  ["backtracking", '/^(?:(a)|b)*$/.test("ab".repeat(2e5))'],
  ["proxies", "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.x"],
  ["flat", "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)"],
  ["sort", "(function s() { [2, 1].sort(() => s()) })()"],
  ["generators", "function* g() { yield* g() } [...g()]"],
  ["replace", '(function r() { "a".replace(/a/, r) })()'],
])("%s, nested without end, uses less than half of the C stack", async (_, source) => {
  let used = 0;
  let last: GuestSession | undefined;
  const sandbox = await WatchedSandbox.create((session) => {
    used = Math.max(used, usedStack(session));
    last = session;
  });
  const result = await sandbox.run(source);
  // What survives is looked at by a reset of our own.
  if (last === undefined) await sandbox.reset();
  sandbox.close();
  expect(["ok", "error", "limit"]).toContain(result.status);
  expect(used).toBeGreaterThan(1_000);
  expect(used).toBeLessThan(2 ** 18);
});
