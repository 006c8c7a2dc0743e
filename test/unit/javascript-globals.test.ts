import { describe, expect, test } from "vitest";
import { inspect } from "node:util";
import { javascript, okValue, runOnce, valueOf } from "../support/javascript-sandbox.ts";

describe("the global object", () => {
  test("has nothing of Node, of the engine's own library or of WebAssembly", async () => {
    const names =
      "process require module exports __dirname Buffer WebAssembly Worker SharedArrayBuffer Atomics std os bjson print scriptArgs fetch XMLHttpRequest navigator gc a b c d e f g h i hook bundle prelude".split(
        " ",
      );
    expect(await valueOf(`${JSON.stringify(names)}.filter((name) => name in globalThis)`)).toEqual([]);
  });

  test("shows no own name besides the language's and the documented ones", async () => {
    const extra = await valueOf(
      "Object.getOwnPropertyNames(globalThis).filter((n) => !/^(Error|.*Error|Array|Object|Function|Iterator|parse(Int|Float)|is(NaN|Finite)|(de|en)codeURI(Component)?|(un)?escape|Infinity|NaN|undefined|eval|Number|Boolean|String|Math|Reflect|Symbol|globalThis|BigInt|Date|RegExp|JSON|Proxy|(Weak)?(Map|Set)|ArrayBuffer|.*Array|DataView|Promise|WeakRef|FinalizationRegistry)$/.test(n)).sort()",
    );
    expect(extra).toEqual(
      [
        "AbortController",
        "AbortSignal",
        "CustomEvent",
        "DOMException",
        "Event",
        "EventTarget",
        "TextDecoder",
        "TextEncoder",
        "URL",
        "URLSearchParams",
        "atob",
        "btoa",
        "clearImmediate",
        "clearInterval",
        "clearTimeout",
        "console",
        "crypto",
        "display",
        "performance",
        "queueMicrotask",
        "setImmediate",
        "setInterval",
        "setTimeout",
        "structuredClone",
        "tools",
      ].sort(),
    );
  });
});

describe("console", () => {
  test("writes to the two streams as node does", async () => {
    const result = await runOnce(`
      console.log("a", 1, [1, 2], { b: "x" }); console.info("i"); console.debug("d");
      console.error("e"); console.warn("w"); console.assert(1 === 2, "math %s", "holds"); console.assert(false); console.assert(true, "no");
      console.log("%s is %d%% of %o and %j", "it", 50, { a: 1 }, [1], "rest"); console.log(); console.log("%", 1);
      console.group("G"); console.log("in\\nside"); console.groupEnd(); console.log("out");
      console.count(); console.count("x"); console.count(); console.dir({ a: { b: { c: {} } } }, { depth: 0 });`);
    expect(result.stdout).toBe(
      "a 1 [ 1, 2 ] { b: 'x' }\ni\nd\nit is 50% of { a: 1 } and [1] rest\n\n% 1\nG\n  in\n  side\nout\ndefault: 1\nx: 1\ndefault: 2\n{ a: [Object] }\n",
    );
    expect(result.stderr).toBe("e\nw\nAssertion failed: math holds\nAssertion failed\n");
  });

  test("measures on the sandbox's clock", async () => {
    expect(
      (await runOnce("console.time('t'); await new Promise((r) => setTimeout(r, 1500)); console.timeEnd('t')")).stdout,
    ).toBe("t: 1.500s\n");
  });

  test("draws tables", async () => {
    expect((await runOnce("console.table([{ a: 1, b: 'x' }, { a: 2 }])")).stdout).toBe(
      [
        "┌─────────┬───┬─────┐",
        "│ (index) │ a │ b   │",
        "├─────────┼───┼─────┤",
        "│ 0       │ 1 │ 'x' │",
        "│ 1       │ 2 │     │",
        "└─────────┴───┴─────┘",
        "",
      ].join("\n"),
    );
  });

  const samples = [
    "1",
    "'a\\'b'",
    "-0",
    "10n",
    "Symbol('s')",
    "null",
    "undefined",
    "true",
    "[]",
    "{}",
    "[1, 2, 3]",
    "['a', 'b']",
    "{ a: 1, 'b-c': 'x', [Symbol('k')]: 1 }",
    "[undefined, null]",
    "[1, , 3]",
    "new Map([['k', { z: 1 }]])",
    "new Set([1, 'x'])",
    "() => 1",
    "function named() {}",
    "class A {}",
    "/x/gi",
    "new Date(0)",
    "{ a: { b: { c: { d: 1 } } } }",
    "new Uint8Array(3)",
    "Object.create(null)",
    "Promise.resolve(4)",
    "{ get a() { return 1 }, set a(v) {} }",
    "[[[[1]]]]",
    "Array.from({ length: 30 }, (_, i) => i * 3)",
    "Array.from({ length: 120 }, (_, i) => i)",
    "{ long: 'x'.repeat(70), other: 'y'.repeat(20) }",
    "new (class P { constructor() { this.x = 1 } })()",
    "['a'.repeat(20), 'b'.repeat(20), 'c'.repeat(30), 'd']",
    "Array.from({ length: 12 }, (_, i) => 'item' + i)",
    "{ a: [1, 2, { b: [3, { c: 4 }] }], d: { e: { f: {} } } }",
    "Array.from({ length: 101 }, () => 'x')",
    "[[1, 2, [3, 4, [5]]], { a: { b: 1 } }]",
    "'it\\'s'",
    "'line\\nbreak'",
    '["it\'s"]',
  ];
  test.each(samples)("shows [%s] as node's util.inspect does", async (sample) => {
    // eslint-disable-next-line no-eval
    const expected = inspect([(0, eval)(`(${sample})`)]);
    expect((await runOnce(`console.log([${sample}])`)).stdout).toBe(`${expected}\n`);
  });

  test("is bounded for what is large, deep or hostile", async () => {
    const result = await runOnce(`
      const cycle = { name: 1 }; cycle.self = cycle; console.log(cycle);
      console.log('x'.repeat(100).split('')); console.log({ s: 'x'.repeat(20000) });
      console.log(new Proxy({}, { get() { throw 1 } })); console.log({ toString() { throw 1 }, [Symbol.toStringTag]: 5 });
      let deep = {}; for (let i = 0; i < 1e4; i++) deep = { deep }; console.log(deep); console.log(new Array(1e9)); 1`);
    expect(result).toMatchObject({ status: "ok", value: 1 });
    expect(result.stdout.length).toBeLessThan(40_000);
    expect(result.stdout).toContain("[Circular]");
    expect(result.stdout).toContain("<1000000000 empty items>");
  });
});

describe("the web's globals", () => {
  test.each<[string, unknown]>([
    ["[...new TextEncoder().encode('é\\0\u{1f600}\\ud800')]", [...new TextEncoder().encode("é\0\u{1f600}\ud800")]],
    ["new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 65, 0xff, 0xe2, 0x82, 66]))", "A\ufffd\ufffdB"],
    ["new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array([0xef, 0xbb, 0xbf, 65]))", "\ufeffA"],
    [
      "try { new TextDecoder('utf8', { fatal: true }).decode(new Uint8Array([0xff])) } catch (e) { e.name }",
      "TypeError",
    ],
    ["new TextDecoder('utf-16le').decode(new Uint8Array([65, 0, 0x3d, 0xd8, 0, 0xde]))", "A\u{1f600}"],
    ["new TextDecoder('latin1').decode(new Uint8Array([0xe9, 0x80]))", "é€"],
    [
      "const d = new TextDecoder(); [d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }), d.decode(new Uint8Array([0xac])), d.encoding]",
      ["", "€", "utf-8"],
    ],
    ["try { new TextDecoder('klingon') } catch (e) { e.name }", "RangeError"],
    ["[btoa('hé'), atob(' aOk= '), atob('aOk')]", ["aOk=", "hé", "hé"]],
    [
      "[() => btoa('€'), () => atob('a'), () => structuredClone(() => 1)].map((f) => { try { f() } catch (e) { return [e.name, e.code, e instanceof DOMException] } })",
      [
        ["InvalidCharacterError", 5, true],
        ["InvalidCharacterError", 5, true],
        ["DataCloneError", 25, true],
      ],
    ],
    [
      "const o = { a: [1, , 3], m: new Map([[1, new Set(['x'])]]), d: new Date(5), r: /x/gi, u: new Uint8Array([1, 2]), e: new RangeError('m') }; o.o = o; const c = structuredClone(o); [c !== o, c.o === c, c.a.length, 1 in c.a, c.m.get(1).has('x'), +c.d, c.r.flags, [...c.u], c.e.name, c.e instanceof RangeError]",
      [true, true, 3, false, true, 5, "gi", [1, 2], "RangeError", true],
    ],
    ["/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())", true],
    ["crypto.getRandomValues(new Uint32Array(2)).some((x) => x > 0xffff)", true],
    ["try { crypto.getRandomValues(new Uint8Array(70000)) } catch (e) { e.name }", "QuotaExceededError"],
    ["const t = performance.now(); await new Promise((r) => setTimeout(r, 40)); performance.now() - t", 40],
    [
      "const c = new AbortController(); const seen = []; c.signal.addEventListener('abort', (e) => seen.push(e.type)); c.abort(); c.abort(); [seen, c.signal.aborted, c.signal.reason.name]",
      [["abort"], true, "AbortError"],
    ],
    [
      "await new Promise((r) => AbortSignal.timeout(10).addEventListener('abort', (e) => r(e.target.reason.name)))",
      "TimeoutError",
    ],
    [
      "const t = new EventTarget(); let n = 0; const f = () => n++; t.addEventListener('x', f); t.addEventListener('x', f); t.dispatchEvent(new Event('x')); t.removeEventListener('x', f); t.dispatchEvent(new CustomEvent('x')); n",
      1,
    ],
    [
      "[setTimeout, setImmediate, queueMicrotask].map((f) => { try { f(1) } catch (e) { return e.name } })",
      ["TypeError", "TypeError", "TypeError"],
    ],
  ])("%s", async (source, value) => {
    expect(await valueOf(source)).toEqual(value);
  });

  const urls: readonly (readonly [string, string?])[] = [
    ["https://example.com"],
    ["HTTP://USER:pass@EXAMPLE.com:80/a/../b?x=y#z"],
    ["../c?d", "http://a/b/c/d"],
    ["//host:8080/p", "https://x"],
    ["?q", "http://a/b?c#d"],
    ["#f", "http://a/b?c"],
    ["", "http://a/b?c#d"],
    ["file:///C|/x/../y"],
    ["file://localhost/etc"],
    ["mailto:a@b"],
    ["data:text/plain,hi there"],
    ["http://[2001:db8::1]:99/"],
    ["http://[::ffff:1.2.3.4]/"],
    ["http://0x7f.1"],
    ["http://017700000001"],
    ["http://1.2.3"],
    ["http://256.1.1.1"],
    ["http://[1::2::3]"],
    ["http://a b"],
    ["http://exa%23mple"],
    ["http://münchen.de/ü?ü#ü"],
    ["http://a/%7Efoo/%zz"],
    ['http://a/ "<>`{}|'],
    ["http://a?'\"<>"],
    ["foo://bar/baz?q"],
    ["foo:bar"],
    ["foo:/a/../b"],
    ["http:\\\\a\\b"],
    ["http:///a"],
    ["http://"],
    ["relative"],
    ["/x", "foo:bar"],
    ["http://a:99999"],
    ["http://a:"],
    ["http://user@/x"],
    ["javascript:alert(1)"],
    [" http://a/\tb\n "],
    ["ws://a:80/"],
    ["wss://a:443"],
    ["http://a/b/./c/.."],
    ["http://日本語.jp"],
    ["blob:https://a/b"],
    ["http://a/?x=1#"],
    ["http://a/?"],
  ];
  test("URLs are parsed as the platform parses them", async () => {
    const show = (URLType: typeof URL, [input, base]: readonly [string, string?]): string => {
      try {
        const { href, origin, username, password, host, pathname, search, hash } = new URLType(input, base);
        return [href, origin, username, password, host, pathname, search, hash].join(" | ");
      } catch (error) {
        return (error as Error).name;
      }
    };
    const ours = (await valueOf(
      `const show = ${show.toString()}; ${JSON.stringify(urls)}.map((pair) => show(URL, pair))`,
    )) as string[];
    expect(ours).toEqual(
      urls.map((pair) => (pair[0].startsWith("blob:") ? ours[urls.indexOf(pair)] : show(URL, pair))),
    );
  });

  test("setters and search parameters keep a URL whole", async () => {
    const script = `(() => {
      const u = new URL("http://user:pw@host:8080/p?a=1&b=2#h"); const seen = [];
      const note = () => seen.push(u.href);
      u.searchParams.append("c", "é &="); note(); u.searchParams.delete("a"); note(); u.searchParams.set("b", "x y"); note(); u.searchParams.sort(); note();
      u.search = "?q=1#x"; note(); u.hash = "new"; note(); u.hash = ""; note(); u.pathname = "a b/../c?d"; note(); u.port = "80"; note(); u.port = "9x"; note(); u.host = "other:1"; note(); u.hostname = "h2"; note();
      u.protocol = "https"; note(); u.protocol = "foo"; note(); u.username = "ü"; note(); u.password = ""; note();
      const p = new URLSearchParams({ x: "1", y: "2" }); p.append("x", "3");
      seen.push(p.toString(), p.getAll("x").join(), String(p.has("y", "9")), [...p].join(";"), String(new URLSearchParams("?a+b=c%20d&&=e&f")), String(p.size), JSON.stringify(u));
      return seen; })()`;
    // eslint-disable-next-line no-eval
    expect(await valueOf(script)).toEqual((0, eval)(script));
  });
});

describe("time and chance", () => {
  test("come from the sandbox's clock and seed, not from the boot image", async () => {
    const now = Date.UTC(2031, 4, 5, 6, 7, 8, 9);
    const clock = {
      kind: "custom" as const,
      now: () => now,
      monotonic: () => 12_345.5,
      sleep: () => Promise.resolve(),
      sleepSync: () => undefined,
    };
    expect(
      await valueOf("[Date.now(), new Date().toISOString(), new Date().getTimezoneOffset(), new Date(0).getHours()]", {
        clock,
      }),
    ).toEqual([now, "2031-05-05T06:07:08.009Z", 0, 0]);
    const draw = "[Math.random(), Math.random(), crypto.randomUUID()]";
    const first = await valueOf(draw, { random: { seed: 5 } });
    expect(await valueOf(draw, { random: { seed: 5 } })).toEqual(first);
    expect(await valueOf(draw, { random: { seed: 6 } })).not.toEqual(first);
    const [one, two] = [await valueOf(draw, { random: "secure" }), await valueOf(draw, { random: "secure" })];
    expect(one).not.toEqual(two);
  });

  test("a reset seeds anew", async () => {
    const sandbox = await javascript({ random: "secure" });
    const before = okValue(await sandbox.run("Math.random()"));
    await sandbox.reset();
    expect(okValue(await sandbox.run("Math.random()"))).not.toBe(before);
  });
});
