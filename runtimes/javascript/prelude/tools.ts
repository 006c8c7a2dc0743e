import { create, defineValue, freeze, parse, SafeError, SafePromise, SafeTypeError, stringify } from "./intrinsics.ts";
import { callTool } from "./native.ts";
import { whenSettled } from "./pending-calls.ts";
import type { EndedReply, Reply } from "./pending-calls.ts";

/** What a failed tool call throws: the message is the tool author's, `kind` the name of the author's error. */
class ToolError extends SafeError {
  readonly kind: string;

  constructor(message: string, kind = "Error") {
    super(message);
    this.kind = kind;
  }
}
defineValue(ToolError.prototype, "name", "ToolError", false);

function start(name: string, args: readonly unknown[]): Reply {
  if (args.length > 1) throw new SafeTypeError(`Tool "${name}" takes one argument: an object`);
  const json = args.length === 0 || args[0] === undefined ? "{}" : stringify(args[0]);
  if (json === undefined) throw new SafeTypeError(`The argument of tool "${name}" is not JSON data`);
  return parse(callTool(name, json)) as Reply;
}

function valueOf(reply: EndedReply): unknown {
  if (reply.state === "error") throw new ToolError(reply.message, reply.name);
  return reply.json === "" ? undefined : parse(reply.json);
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

export function installToolError(define: (name: string, value: unknown) => void): void {
  define("ToolError", ToolError);
}
