import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { useHttpFixture } from "../support/http-fixture.ts";
import { errorOf, javascript, okValue } from "../support/javascript-sandbox.ts";

const fixture = useHttpFixture();

async function online(limits = {}, options: Parameters<typeof javascript>[0] = {}): Promise<Sandbox> {
  return await javascript({
    clock: "real",
    network: { allow: [{ url: `${fixture.origin}/`, methods: "*" }], limits },
    env: { B: fixture.origin },
    ...options,
  });
}

/** A source with `B` for the server's origin. */
async function value(source: string, limits = {}): Promise<unknown> {
  const sandbox = await online(limits);
  return okValue(await sandbox.run(`globalThis.B = ${JSON.stringify(fixture.origin)};\n${source}`));
}

describe("fetch", () => {
  test("sends what a Request says and gives a Response", async () => {
    const answer = (await value(`
      const r = await fetch(B + "/x?y=1#z", { method: "post", body: "text", headers: { "X-One": "1", Accept: "a/b" } });
      [r instanceof Response, r.status, r.ok, r.url, r.redirected, r.type, r.headers.get("Content-Type"), r.bodyUsed, await r.json(), r.bodyUsed]`)) as unknown[];
    expect(answer).toEqual([
      true,
      200,
      true,
      `${fixture.origin}/x?y=1`,
      false,
      "basic",
      "application/json",
      false,
      {
        method: "POST",
        url: "/x?y=1",
        headers: {
          host: `127.0.0.1:${fixture.port}`,
          connection: "close",
          accept: "a/b",
          "content-type": "text/plain;charset=UTF-8",
          "x-one": "1",
          "accept-encoding": "gzip, deflate, br",
          "user-agent": "wardian",
          "content-length": "4",
        },
        body: "text",
      },
      true,
    ]);
  });

  test("takes every kind of body", async () => {
    expect(
      await value(`
        const stream = new ReadableStream({ start(c) { c.enqueue(new Uint8Array([97])); c.enqueue(new Uint8Array([98])); c.close(); } });
        const out = [];
        for (const body of ["s", new Uint8Array([1, 2, 255]), new Uint16Array([0x6261]), new Uint8Array([120]).buffer, new URLSearchParams({ a: "1 2" }), stream, { toString: () => "object" }]) {
          const seen = await (await fetch(B, { method: "PUT", body })).json();
          out.push([seen.body, seen.headers["content-type"]]);
        }
        out`),
    ).toEqual(
      [
        ["s", "text/plain;charset=UTF-8"],
        ["\u0001\u0002\u00ff", undefined],
        ["ab", undefined],
        ["x", undefined],
        ["a=1+2", "application/x-www-form-urlencoded;charset=UTF-8"],
        ["ab", undefined],
        ["object", "text/plain;charset=UTF-8"],
      ].map(([body, type]) => [body, type]),
    );
  });

  test("streams a body piece by piece", async () => {
    expect(
      await value(`
        const r = await fetch(B + "/bytes?n=300000");
        let pieces = 0, bytes = 0;
        for await (const piece of r.body) { pieces++; bytes += piece.length; if (!(piece instanceof Uint8Array)) throw new Error("no bytes"); }
        const reader = (await fetch(B + "/bytes?n=3")).body.getReader();
        const first = await reader.read(); const last = await reader.read();
        [bytes, pieces > 3, new TextDecoder().decode(first.value), first.done, last.done]`),
    ).toEqual([300_000, true, "xxx", false, true]);
  });

  test("reads a body in each of its forms, once", async () => {
    expect(
      await value(`
        const get = () => fetch(B + "/bytes?n=2");
        const r = await get();
        await r.text();
        [await (await get()).text(), new Uint8Array(await (await get()).arrayBuffer()), await (await get()).bytes(),
         await r.text().catch((e) => e.message), await (await get()).json().catch((e) => e.name), (await fetch(B + "/status?n=204")).body]`),
    ).toEqual([
      "xx",
      Uint8Array.of(120, 120),
      Uint8Array.of(120, 120),
      "The body was used before",
      "SyntaxError",
      null,
    ]);
  });

  test("rejects with a TypeError that says why", async () => {
    expect(
      await value(`
        const why = (url, init) => fetch(url, init).then((r) => r.text()).then(() => "ok", (e) => [e.name, e.code, e.message]);
        [await why("https://evil.test/"), await why("/relative"), await why(B, { headers: { Host: "x" } }), await why(B + "/broken"),
         await why(B, { method: "GET", body: "x" }), await why("http://u:p@127.0.0.1/")]`),
    ).toEqual(
      [
        ["TypeError", "NetworkDenied", "The network policy denies GET https://evil.test/: no rule names this host"],
        ["TypeError", expect.anything(), expect.any(String)],
        ["TypeError", undefined, `Cannot send the request: the header "host" is the host's to set`],
        ["TypeError", "NetworkError", "The request failed: no connection, or it broke"],
        ["TypeError", undefined, "A GET request has no body"],
        ["TypeError", undefined, "A request's URL must have no user name or password"],
      ].map((row, index) => (index === 1 ? expect.arrayContaining(["TypeError"]) : row)),
    );
  });

  test("ends at an abort signal: before, during the request, during the body", async () => {
    expect(
      await value(`
        const name = (promise) => promise.then(() => "ok", (e) => e.name ?? e);
        const controller = new AbortController();
        const during = name(fetch(B + "/silent", { signal: controller.signal }));
        setTimeout(() => controller.abort("my reason"), 20);
        const body = await fetch(B + "/slow", { signal: AbortSignal.timeout(200) });
        [await name(fetch(B, { signal: AbortSignal.abort() })), await during, await name(body.text()), await name(fetch(B + "/silent", { signal: AbortSignal.timeout(50) }))]`),
    ).toEqual(["AbortError", "my reason", "TimeoutError", "TimeoutError"]);
  });

  test("runs requests side by side, and beside tools and timers", async () => {
    expect(
      await value(`
        const log = [];
        await Promise.all([
          ...Array.from({ length: 10 }, async (_, i) => { await (await fetch(B + "/" + i)).text(); log.push("fetch"); }),
          new Promise((done) => setTimeout(() => { log.push("timer"); done(); }, 5)),
        ]);
        [log.length, log.filter((x) => x === "fetch").length]`),
    ).toEqual([11, 10]);
  });

  test("follows redirects, or not", async () => {
    expect(
      await value(`
        const to = B + "/redirect?to=/landed";
        const r = await fetch(to); const m = await fetch(to, { redirect: "manual" });
        [r.url === B + "/landed", r.redirected, m.status, m.headers.get("location"), await fetch(to, { redirect: "error" }).catch((e) => e.name)]`),
    ).toEqual([true, true, 302, "/landed", "TypeError"]);
  });

  test("is stopped by the run's own deadline", async () => {
    const sandbox = await online({}, { limits: { timeoutMs: 500 } });
    const result = await sandbox.run(`await fetch(${JSON.stringify(fixture.origin)} + "/silent")`);
    expect(result).toMatchObject({
      status: "limit",
      limit: "time",
      sandbox: "reset",
      requests: [{ method: "GET", url: `${fixture.origin}/silent`, outcome: "pending" }],
    });
    expect(okValue(await sandbox.run(`(await fetch(${JSON.stringify(fixture.origin)})).status`))).toBe(200);
  });

  test("ends with the caller's signal, with close, and with a reset: nothing of it reaches a later run", async () => {
    const silent = `await fetch(${JSON.stringify(fixture.origin)} + "/silent")`;
    const sandbox = await online();
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 50);
    expect(await sandbox.run(silent, { signal: controller.signal })).toMatchObject({
      status: "aborted",
      reason: "enough",
    });
    // A body that arrives when its run is over.
    expect(
      okValue(await sandbox.run(`globalThis.left = await fetch(${JSON.stringify(fixture.origin)} + "/slow"); 1`)),
    ).toBe(1);
    expect(okValue(await sandbox.run(`await left.text().catch((e) => e.message)`))).toBe(
      "The body was read or given up before",
    );
    setTimeout(() => sandbox.close(), 50);
    expect(await sandbox.run(silent)).toMatchObject({ status: "aborted", sandbox: "closed" });
  });

  test("blocks in a synchronous run", async () => {
    const sandbox = await online();
    expect(
      okValue(
        sandbox.runSync(`(await (await fetch(${JSON.stringify(fixture.origin)} + "/bytes?n=200000")).text()).length`),
      ),
    ).toBe(200_000);
  });

  test("reports requests, denials and usage", async () => {
    const sandbox = await online();
    const result = await sandbox.run(
      `await fetch(${JSON.stringify(fixture.origin)} + "/a?secret"); await fetch("http://10.0.0.1/").catch(() => 0)`,
    );
    expect(result).toMatchObject({
      status: "ok",
      requests: [{ method: "GET", url: `${fixture.origin}/a`, outcome: "response", status: 200 }],
      denials: [{ what: "network.GET", where: "http://10.0.0.1/", rule: "no rule names this host", count: 1 }],
      usage: { requests: 1, networkBytes: expect.any(Number) },
    });
    // Each run has budgets of its own.
    expect(await sandbox.run("1")).toMatchObject({
      requests: [],
      denials: [],
      usage: { requests: 0, networkBytes: 0 },
    });
  });

  test("has the placeholder of a secret in the environment, and only there", async () => {
    const sandbox = await javascript({
      clock: "real",
      network: {
        allow: [`${fixture.origin}/`],
        secrets: { API_KEY: { value: "canary-value", hosts: [fixture.origin] } },
      },
    });
    const result = await sandbox.run(`
      import { env } from "wardian:environment";
      const r = await fetch(${JSON.stringify(fixture.origin)} + "/reflect", { headers: { "x-key": env.API_KEY } });
      export default [env.API_KEY, r.statusText, r.headers.get("x-echo"), await r.text()]`);
    expect(okValue(result)).toEqual([
      "{{secret.API_KEY}}",
      "{{secret.API_KEY}}",
      "{{secret.API_KEY}}",
      "your key is {{secret.API_KEY}}.",
    ]);
    expect(JSON.stringify(result)).not.toContain("canary");
  });

  test("of a body that nobody reads does not keep the run", async () => {
    expect(await value(`const r = await fetch(B + "/slow"); r.status`)).toBe(200);
  });

  test("uncaught ends the run with its error", async () => {
    const sandbox = await online();
    expect(errorOf(await sandbox.run(`await fetch("https://evil.test/")`))).toMatchObject({
      name: "TypeError",
      message: "The network policy denies GET https://evil.test/: no rule names this host",
    });
  });
});

describe("Headers, Request and Response", () => {
  test("are as the standard says", async () => {
    expect(
      await value(`
        const h = new Headers([["B", "2"], ["a", " 1 "], ["A", "3"], ["Set-Cookie", "x=1"], ["set-cookie", "y=2"]]);
        h.delete("b"); h.set("c", 4); h.append("C", 5);
        const bad = (f) => { try { f(); return "ok"; } catch (e) { return e.name; } };
        const request = new Request("https://a.test/x", { method: "put", body: "b" });
        const copy = new Request(request.clone(), { headers: { z: "1" } });
        const teed = new Response("both"); const other = teed.clone();
        [[...h], h.get("A"), h.has("b"), h.getSetCookie(), bad(() => new Headers({ "a b": "c" })), bad(() => h.append("x", "a\\nb")),
         request.method, copy.method, copy.headers.get("z"), await copy.text(), await request.text(),
         await teed.text() + await other.text(), new Response("x", { status: 404 }).ok, await Response.json({ a: 1 }).json(),
         bad(() => new Response("x", { status: 204 })), bad(() => new Response("", { status: 99 })), bad(() => new Request("no url")), String(new Response())]`),
    ).toEqual([
      [
        ["a", "1, 3"],
        ["c", "4, 5"],
        ["set-cookie", "x=1"],
        ["set-cookie", "y=2"],
      ],
      "1, 3",
      false,
      ["x=1", "y=2"],
      "TypeError",
      "TypeError",
      "PUT",
      "PUT",
      "1",
      "b",
      "b",
      "bothboth",
      false,
      { a: 1 },
      "TypeError",
      "RangeError",
      "TypeError",
      "[object Response]",
    ]);
  });
});

describe("ReadableStream", () => {
  test("pulls, queues, closes, fails and is cancelled", async () => {
    expect(
      await value(`
        const log = [];
        let n = 0;
        const pulled = new ReadableStream({ pull(c) { if (n === 3) c.close(); else c.enqueue(n++); }, cancel: (r) => log.push("cancel " + r) });
        const seen = []; for await (const x of pulled) seen.push(x);
        const failing = new ReadableStream({ pull() { throw new Error("broken"); } });
        const early = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel: (r) => log.push("cancel " + r) });
        for await (const x of early) break;
        await new ReadableStream({ cancel: (r) => log.push("cancel " + r) }).cancel("now");
        const locked = new ReadableStream(); locked.getReader();
        const [a, b] = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } }).tee();
        const all = async (s) => { const out = []; for await (const x of s) out.push(x); return out; };
        [seen, await failing.getReader().read().catch((e) => e.message), log.sort(), (() => { try { locked.getReader(); } catch (e) { return e.name; } })(), await all(a), await all(b)]`),
    ).toEqual([[0, 1, 2], "broken", ["cancel now", "cancel undefined"], "TypeError", [1, 2], [1, 2]]);
  });
});
