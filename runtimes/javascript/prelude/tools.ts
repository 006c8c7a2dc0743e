import {
  newList,
  create,
  defineValue,
  freeze,
  mapClear,
  mapDelete,
  mapGet,
  mapSet,
  mapSize,
  parse,
  push,
  SafeError,
  SafeMap,
  SafePromise,
  SafeTypeError,
  stringify,
  mapForEach,
} from "./intrinsics.ts";
import { callTool } from "./native.ts";

/** As `ToolReply` in src/capabilities/tools/tool-calls.ts. */
type Reply =
  | { readonly state: "value"; readonly json: string }
  | { readonly state: "error"; readonly name: string; readonly message: string }
  | { readonly state: "pending"; readonly id: number };

export interface Settlement {
  readonly id: number;
  readonly reply: Reply;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What a failed tool call throws: the message is the tool author's, `kind` the name of the author's error. */
class ToolError extends SafeError {
  readonly kind: string;

  constructor(message: string, kind = "Error") {
    super(message);
    this.kind = kind;
  }
}
defineValue(ToolError.prototype, "name", "ToolError", false);

const pending = new SafeMap<number, Waiting>();

function start(name: string, args: readonly unknown[]): Reply {
  if (args.length > 1) throw new SafeTypeError(`Tool "${name}" takes one argument: an object`);
  const json = args.length === 0 || args[0] === undefined ? "{}" : stringify(args[0]);
  if (json === undefined) throw new SafeTypeError(`The argument of tool "${name}" is not JSON data`);
  return parse(callTool(name, json)) as Reply;
}

function valueOf(reply: Exclude<Reply, { readonly state: "pending" }>): unknown {
  if (reply.state === "error") throw new ToolError(reply.message, reply.name);
  return reply.json === "" ? undefined : parse(reply.json);
}

function makeTool(name: string): unknown {
  const tool = (...args: unknown[]): Promise<unknown> =>
    new SafePromise((resolve, reject) => {
      const reply = start(name, args);
      if (reply.state === "pending") mapSet(pending, reply.id, { resolve, reject });
      else resolve(valueOf(reply));
    });
  const sync = (...args: unknown[]): unknown => {
    const reply = start(name, args);
    if (reply.state !== "pending") return valueOf(reply);
    // The answer, when it comes, has nobody to go to.
    mapSet(pending, reply.id, { resolve: () => undefined, reject: () => undefined });
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

export function settleTool(settlement: Settlement): void {
  const waiting = mapGet(pending, settlement.id);
  if (waiting === undefined) return;
  mapDelete(pending, settlement.id);
  const { reply } = settlement;
  if (reply.state === "pending") return;
  try {
    waiting.resolve(valueOf(reply));
  } catch (error) {
    waiting.reject(error);
  }
}

export function pendingToolIds(): readonly number[] {
  const ids = newList<number>();
  if (mapSize(pending) > 0) mapForEach(pending, (_waiting, id) => void push(ids, id));
  return ids;
}

export function forgetTools(): void {
  mapClear(pending);
}
