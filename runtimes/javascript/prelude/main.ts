/**
 * The prelude: what guest code finds in its global object, and the guest's end of the protocol. Bundled and evaluated
 * once, at build time; the boot snapshot holds the result. Its value is the function that the adapter calls.
 */
import { TURN } from "../../../src/guests/javascript/operations.ts";
import { defineProperty } from "./intrinsics.ts";
import { installConsole } from "./console/console.ts";
import { installDisplay } from "./display.ts";
import { installEventLoop } from "./event-loop.ts";
import { installEvents } from "./web/events.ts";
import { installModules, loadModule, normalizeModule, setTransform } from "./modules.ts";
import type { Transform } from "./modules.ts";
import { EVALUATE, evaluate } from "./native.ts";
import { fail, resume, start, step } from "./run.ts";
import { installTextEncoding } from "./web/text-encoding.ts";
import { installTools, installToolErrors } from "./tools.ts";
import { installUrl } from "./url/url.ts";
import { installWeb } from "./web/web.ts";

/** As in adapter.wat. */
const KIND = { ...TURN, step: 3, failed: 4, normalize: 5, load: 6 } as const;

export default function dispatch(kind: number, first: unknown, second: unknown): unknown {
  switch (kind) {
    case KIND.boot:
      return setTransform(evaluate(first as string, "wardian:prelude", EVALUATE.script) as Transform);
    case KIND.start:
      return start(first as string);
    case KIND.resume:
      return resume(first as string);
    case KIND.step:
      return step();
    case KIND.failed:
      return fail(first);
    case KIND.normalize:
      return normalizeModule(first as string, second as string);
    case KIND.load:
      return loadModule(first as string);
    default:
      return undefined;
  }
}

function define(name: string, value: unknown): void {
  // The bundle's own names are short ones. One function under several names keeps the first.
  if (typeof value === "function" && Reflect.get(globalThis, value.name) !== value)
    defineProperty(value, "name", { value: name, configurable: true });
  defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

// Nothing to share it with: there is one thread and there are no workers.
Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
installConsole();
installEventLoop(define, fail);
installTextEncoding(define);
installWeb(define);
installEvents(define, fail);
installUrl(define);
installDisplay(define);
installToolErrors(define);
installTools([]);
installModules();
