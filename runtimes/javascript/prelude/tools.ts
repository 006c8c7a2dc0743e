import {
  create,
  defineValue,
  freeze,
  mapGet,
  ownKeys,
  parse,
  rejectedPromise,
  SafeError,
  SafeMap,
  SafePromise,
  SafeTypeError,
  sliceText,
  stringify,
} from "./intrinsics.ts";
import { callTool, noteDenial } from "./native.ts";
import { whenSettled } from "./pending-calls.ts";
import type { EndedReply } from "./pending-calls.ts";

/** What a failed tool call throws: the message is the host's. `code` tells why, as the subclass does. */
class ToolError extends SafeError {
  declare readonly code: string;
}
class ToolDeniedError extends ToolError {}
class ToolLimitError extends ToolError {}
class ToolNotFoundError extends ToolError {}
class ToolArgumentError extends ToolError {}
class ToolResultError extends ToolError {}

/** Names and codes as in src/capabilities/tools/tool-error.ts. */
const ERRORS = [
  ["ToolError", "failed", ToolError],
  ["ToolDeniedError", "denied", ToolDeniedError],
  ["ToolLimitError", "limit", ToolLimitError],
  ["ToolNotFoundError", "unknown", ToolNotFoundError],
  ["ToolArgumentError", "invalid-arguments", ToolArgumentError],
  ["ToolResultError", "invalid-result", ToolResultError],
] as const;
const errorClasses = new SafeMap<string, typeof ToolError>();

/** First letters of answers that are no value, as in src/guests/reply-text.ts. No JSON begins with them. */
const FAILED = "e";
const PENDING = "p";

/** Asks the host; the answer's first letter says what it is. */
function ask(name: string, argument: unknown, more: unknown, called = name): string {
  if (more !== undefined) throw new SafeTypeError(`Tool "${name}" takes one argument: an object`);
  const json = argument === undefined ? "{}" : stringify(argument);
  if (json === undefined) throw new SafeTypeError(`The argument of tool "${name}" is not JSON data`);
  return callTool(called, json);
}

function valueOf(reply: EndedReply): unknown {
  if (reply.state === "error") throw failure(reply.name, reply.message);
  return parse(reply.json);
}

function failure(name: string, message: string): ToolError {
  return new (mapGet(errorClasses, name) ?? ToolError)(message);
}

function failureIn(answer: string): ToolError {
  const told = parse(sliceText(answer, 1)) as readonly [string, string];
  return failure(told[0], told[1]);
}

function numberIn(answer: string): number {
  return parse(sliceText(answer, 1)) as number;
}

/** What {@link settleAtOnce} settles its promise with. */
let settled: unknown;
const settleAtOnce = (resolve: (value: unknown) => void): void => resolve(settled);

/** As `Promise.resolve` has it for a value that is no promise, without the function that it makes to build one. */
function promiseOf(value: unknown): Promise<unknown> {
  settled = value;
  const promise = new SafePromise(settleAtOnce);
  settled = undefined;
  return promise;
}

function makeTool(name: string): unknown {
  const tool = (argument: unknown, more: unknown): Promise<unknown> => {
    try {
      const answer = ask(name, argument, more);
      // Characters of a text are its own, whatever the guest does to prototypes.
      const letter = answer[0];
      if (letter !== FAILED && letter !== PENDING) return promiseOf(parse(answer));
      return letter === PENDING ? whenEnded(numberIn(answer)) : rejectedPromise(failureIn(answer));
    } catch (error) {
      return rejectedPromise(error);
    }
  };
  const blocking = `!${name}`;
  const sync = (argument: unknown, more: unknown): unknown => {
    const answer = ask(name, argument, more, blocking);
    const letter = answer[0];
    if (letter !== FAILED && letter !== PENDING) return parse(answer);
    if (letter === FAILED) throw failureIn(answer);
    // The answer, when it comes, has nobody to go to.
    throw new ToolError(`Tool "${name}" answers later: write await tools.${name}(…) instead of tools.${name}.sync(…)`);
  };
  defineValue(tool, "name", name, false);
  defineValue(tool, "sync", sync, false);
  return freeze(tool);
}

function whenEnded(id: number): Promise<unknown> {
  return new SafePromise((resolve, reject) => {
    whenSettled(id, (ended) => {
      try {
        resolve(valueOf(ended));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** What code asks any object for, without having a tool in mind. */
const ASKED_OF_ANY = new SafeMap<unknown, true>();
for (const name of ["then", "toJSON", "inspect", "nodeType", "$$typeof", ...ownKeys(Object.prototype)])
  ASKED_OF_ANY.set(name, true);

/** Behind the tools: tells the host of names that are none. It has nothing to give. */
const unknownTools = new Proxy(
  freeze(create(null) as object),
  // Without a prototype, where guests could hang traps of theirs.
  freeze(defineValue(create(null) as ProxyHandler<object>, "get", noteUnknown, true)),
);

function noteUnknown(_target: object, name: PropertyKey): undefined {
  if (typeof name === "string" && mapGet(ASKED_OF_ANY, name) === undefined) noteDenial("U", name);
  return undefined;
}

let installedNames: string | undefined;

/** Makes the `tools` global anew if the names have changed. */
export function installTools(names: readonly string[]): void {
  let asked = "";
  for (let index = 0; index < names.length; index++)
    asked += `${(names[index] as string).length}:${names[index] as string}`;
  if (asked === installedNames) return;
  installedNames = asked;
  const tools: object = create(unknownTools) as object;
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    defineValue(tools, name, makeTool(name), true);
  }
  defineValue(globalThis, "tools", freeze(tools), false);
}

export function installToolErrors(define: (name: string, value: unknown) => void): void {
  for (const [name, code, errorClass] of ERRORS) {
    errorClasses.set(name, errorClass);
    // The bundler renames classes that mention themselves.
    defineValue(errorClass, "name", name, false);
    defineValue(errorClass.prototype, "name", name, false);
    defineValue(errorClass.prototype, "code", code, false);
    define(name, errorClass);
  }
}
