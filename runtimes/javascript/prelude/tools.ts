import {
  charCodeAt,
  create,
  defineValue,
  freeze,
  mapGet,
  parse,
  SafeError,
  SafeMap,
  SafePromise,
  SafeTypeError,
  sliceText,
  stringify,
} from "./intrinsics.ts";
import { callTool } from "./native.ts";
import { whenSettled } from "./pending-calls.ts";
import type { EndedReply, Reply } from "./pending-calls.ts";

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

/** First letters of the host's answer, as in src/guests/javascript/host-interface.ts. */
const VALUE = 0x76;
const PENDING = 0x70;

function start(name: string, args: readonly unknown[]): Reply {
  if (args.length > 1) throw new SafeTypeError(`Tool "${name}" takes one argument: an object`);
  const json = args.length === 0 || args[0] === undefined ? "{}" : stringify(args[0]);
  if (json === undefined) throw new SafeTypeError(`The argument of tool "${name}" is not JSON data`);
  const answer = callTool(name, json);
  const rest = sliceText(answer, 1);
  switch (charCodeAt(answer, 0)) {
    case VALUE:
      return { state: "value", json: rest };
    case PENDING:
      return { state: "pending", id: parse(rest) as number };
    default: {
      const [kind, message] = parse(rest) as readonly [string, string];
      return { state: "error", name: kind, message };
    }
  }
}

function valueOf(reply: EndedReply): unknown {
  if (reply.state === "error") throw new (mapGet(errorClasses, reply.name) ?? ToolError)(reply.message);
  return parse(reply.json);
}

function makeTool(name: string): unknown {
  const tool = (...args: unknown[]): Promise<unknown> =>
    new SafePromise((resolve, reject) => {
      const reply = start(name, args);
      if (reply.state !== "pending") resolve(valueOf(reply));
      else {
        whenSettled(reply.id, (ended) => {
          try {
            resolve(valueOf(ended));
          } catch (error) {
            reject(error);
          }
        });
      }
    });
  const sync = (...args: unknown[]): unknown => {
    const reply = start(name, args);
    if (reply.state !== "pending") return valueOf(reply);
    // The answer, when it comes, has nobody to go to.
    whenSettled(reply.id, () => undefined);
    throw new ToolError(`Tool "${name}" answers later: write await tools.${name}(…) instead of tools.${name}.sync(…)`);
  };
  defineValue(tool, "name", name, false);
  defineValue(tool, "sync", sync, false);
  return freeze(tool);
}

let installedNames: string | undefined;

/** Makes the `tools` global anew if the names have changed. */
export function installTools(names: readonly string[]): void {
  let asked = "";
  for (let index = 0; index < names.length; index++)
    asked += `${(names[index] as string).length}:${names[index] as string}`;
  if (asked === installedNames) return;
  installedNames = asked;
  const tools: object = create(null) as object;
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
