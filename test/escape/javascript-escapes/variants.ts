import assert from "node:assert/strict";
import { ends, error, harmless, value } from "../harness/outcomes.ts";
import type { Check } from "../harness/outcomes.ts";
import { sourceVariants } from "../harness/source-attack.ts";
import { JAVASCRIPT } from "./guest.ts";

/** No value of a host's realm is among what the guest saw. */
const undefinedOnly: Check = (result) => {
  assert.equal(result.status, "ok");
  for (const type of String(result.status === "ok" && result.value).split(",")) assert.equal(type, "undefined");
};

export const javascriptEscapeVariants = sourceVariants(
  "A",
  [
    // The realm behind every kind of function that the host gave or the engine has.
    ["typeof (0, Function)('return this')().process", value("undefined")],
    ["console.log.constructor('return typeof process')()", value("undefined")],
    ["setTimeout.constructor('return typeof process')()", value("undefined")],
    ["tools.call.constructor('return typeof process')()", value("undefined")],
    ["Object.getPrototypeOf(tools.later({})).constructor.constructor('return typeof process')()", value("undefined")],
    ["(await import('node:fs')).readFileSync.constructor('return typeof process')()", value("undefined")],
    ["(await import('node:path')).join.constructor('return typeof globalThis.process')()", value("undefined")],
    ["new (Object.getPrototypeOf(async () => {}).constructor)('return typeof require')()", value("undefined")],
    ["[...new (Object.getPrototypeOf(function* () {}).constructor)('yield typeof process')()][0]", value("undefined")],
    ["Reflect.construct(Function, ['return typeof process'])()", value("undefined")],
    ["Reflect.getPrototypeOf(Reflect.ownKeys).constructor('return typeof process')()", value("undefined")],
    [
      "const seen = new Set(), names = []; (function walk(o, depth) { if ((typeof o !== 'object' && typeof o !== 'function') || o === null || seen.has(o) || depth > 6) return; seen.add(o); try { names.push(typeof o.process, typeof o.require, typeof o.Deno) } catch {} for (const k of Reflect.ownKeys(o)) { const d = Reflect.getOwnPropertyDescriptor(o, k); for (const h of [d?.value, d?.get, d?.set]) walk(h, depth + 1) } walk(Reflect.getPrototypeOf(o), depth + 1) })(globalThis, 0); [...new Set(names)].join()",
      undefinedOnly,
    ],
    // Errors: those of the host are copied, their stacks are the guest's.
    [
      "try { tools.fail.sync({}) } catch (e) { [e.constructor.constructor('return typeof process')(), e.stack, String(e.cause)].join() }",
      ends(/^ok "undefined,/),
    ],
    [
      "try { await tools.fail({}) } catch (e) { JSON.stringify([e.message, e.stack, Object.getOwnPropertyNames(e)]) }",
      harmless,
    ],
    [
      "Error.prepareStackTrace = (e, s) => s.map?.((f) => f.getThis?.() ?? f.getFunction?.()); new Error().stack",
      harmless,
    ],
    [
      "Error.stackTraceLimit = 1e9; (function f(n) { if (n) f(n - 1); else throw new Error() })(50)",
      ends(/^error Error:/),
    ],
    ["(function f() { return f.caller + f.arguments })()", harmless],
    ["try { null.x } catch (e) { e.stack }", ends(/^ok /)],
    [
      "try { (function f() { f() })() } catch (e) { e.constructor.constructor('return typeof process')() }",
      ends(/^(ok "undefined"|limit stack)/),
    ],
    // Modules by every spelling.
    ["await import('node:child_process')", ends(/^error /)],
    ["await import('file:///etc/passwd')", ends(/^error /)],
    ["await import('FOLDER/secret')", ends(/^error /)],
    ["await import('/../../../../FOLDER/secret')", ends(/^error /)],
    ["await import('https://example.com/x.js')", ends(/^error /)],
    ["await import('data:text/javascript,export default typeof process')", ends(/^error /)],
    ["import('x'.repeat(2 ** 20))", harmless],
    ["import('./' + '../'.repeat(2 ** 18) + 'x')", harmless],
    ["await import({ toString() { return 'node:fs' } }); await import({ toString() { throw 1 } })", ends(/^error /)],
    ["Object.getPrototypeOf(import.meta ?? {})", harmless],
    // The engine's own entry points and the glue's names.
    [
      "['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', '__host', 'native', 'wardian'].map((n) => typeof globalThis[n]).join()",
      undefinedOnly,
    ],
    ["[typeof Atomics, typeof WebAssembly, typeof SharedArrayBuffer].join()", undefinedOnly],
    [
      "typeof Bun + typeof Deno + typeof scriptArgs + typeof importScripts + typeof postMessage + typeof Intl?.v8BreakIterator",
      harmless,
    ],
    // Answers that a run is made of, taken over.
    ["Promise.prototype.then = function () { throw 1 }; await 1", harmless],
    ["Object.defineProperty(Object.prototype, 'then', { get() { throw 1 } }); await 1; export default 1", harmless],
    ["Object.defineProperty(Array.prototype, '0', { set() { throw 1 } }); [1]", harmless],
    ["Object.prototype.toString = () => { throw 1 }; console.log({})", harmless],
    ["globalThis.__proto__ = new Proxy({}, { get() { throw 1 }, has() { return true } }); 1", harmless],
    [
      "delete globalThis.console; delete globalThis.Promise; delete globalThis.Object; delete globalThis.JSON; ({ a: 1 })",
      harmless,
    ],
    [
      "for (const name of Object.getOwnPropertyNames(globalThis)) try { globalThis[name] = undefined } catch {} 1",
      harmless,
    ],
    ["Object.freeze(globalThis); 1", harmless],
    ["export function then(resolve) { resolve('hijacked') }", harmless],
    ["({ then(resolve) { resolve('hijacked') } })", harmless],
    ["({ toJSON() { return globalThis }, [Symbol.toPrimitive]() { throw 1 } })", harmless],
    ["new Proxy({}, { ownKeys() { throw 1 }, getPrototypeOf() { throw 1 }, get() { throw 1 } })", harmless],
    ["new Proxy([], { get(t, k) { return k === 'length' ? 2 ** 53 : k } })", harmless],
    ["Object.create(null, { x: { enumerable: true, get() { throw globalThis } } })", harmless],
    ["throw new Proxy(new Error('x'), { get() { throw 1 } })", ends(/^error /)],
    ["throw { name: 'HostError', message: 'x', stack: 'at main' }", ends(/^error /)],
    ["({ opaque: 'Function', text: '[native]', __proto__: null, constructor: 1 })", harmless],
    [
      "JSON.stringify = () => '{\"x\":[1]}'; JSON.parse = () => ({}); Map.prototype.get = () => ({}); Map.prototype.forEach = () => {}; String.prototype.slice = () => 'v{'; await tools.call({ a: 1 })",
      harmless,
    ],
    ["new Worker('data:,1')", error("ReferenceError")],
    ["new ShadowRealm().evaluate('typeof process')", error("ReferenceError")],
  ],
  JAVASCRIPT,
);
