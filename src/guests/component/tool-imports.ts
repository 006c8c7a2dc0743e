import type { ToolCalls } from "../../capabilities/tools/tool-calls.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import type { ComponentImport } from "../../engine/component/read-component.ts";
import type { FunctionShape } from "../../engine/component/component-types.ts";
import { failWith, isFailure } from "../../wasi/preview2/host/failure.ts";
import { CALL_UNITS } from "../../wasi/preview2/guarded.ts";
import { camelCase, unversioned } from "./glue-names.ts";

/** Bytes per unit of fuel for text that the host makes, parses and checks. */
const UNITS_PER_CHARACTER = 4;

/** The tools that a function of an import may be served by: the first that is given serves it. */
export function toolNames(from: ComponentImport, name: string): readonly string[] {
  if (from.kind === "function") return [from.name];
  return [`${from.name}#${name}`, `${unversioned(from.name)}#${name}`];
}

/**
 * Serves an import that is not WASI's by the caller's tools: arguments go as one JSON object by the names of the
 * parameters, the tool's result comes back as JSON.
 */
export function toolImport(
  from: ComponentImport,
  tools: ToolCalls,
  fuel: FuelGauge,
): Readonly<Record<string, unknown>> {
  const served = Object.create(null) as Record<string, unknown>;
  for (const [name, shape] of from.functions) {
    const tool = toolNames(from, name).find((candidate) => tools.names.includes(candidate));
    if (tool === undefined) continue;
    served[from.kind === "function" ? "default" : camelCase(name)] = (...values: unknown[]) =>
      callTool(tools, fuel, tool, shape, values);
  }
  return served;
}

function callTool(
  tools: ToolCalls,
  fuel: FuelGauge,
  tool: string,
  shape: FunctionShape,
  values: readonly unknown[],
): unknown {
  try {
    if (!fuel.charge(CALL_UNITS)) return fail(fuel, shape, tool, "the run is over");
    const input = Object.fromEntries(shape.parameters.map((parameter, index) => [camelCase(parameter), values[index]]));
    const json = JSON.stringify(input, plainJson);
    fuel.charge(json.length * UNITS_PER_CHARACTER);
    const reply = tools.call(tool, json, true);
    if (reply.state === "error") return fail(fuel, shape, tool, reply.message);
    // The guest is on the stack, and so is whoever could answer.
    if (reply.state === "pending")
      return fail(fuel, shape, tool, 'it is asynchronous; components need synchronous tools, or execution "worker"');
    fuel.charge(reply.json.length * UNITS_PER_CHARACTER);
    return JSON.parse(reply.json) as unknown;
  } catch (error) {
    if (isFailure(error)) throw error;
    fuel.stop({ kind: "host-error", cause: error });
    throw error;
  }
}

/** A guest that can be told of a failure is told; another one is stopped. */
function fail(fuel: FuelGauge, shape: FunctionShape, tool: string, message: string): unknown {
  if (shape.tellsErrors) failWith(message);
  fuel.stop({ kind: "trap", message: `tool "${tool}" failed: ${message}` });
  return undefined;
}

/** What JSON has no word for: large integers become decimal text, typed arrays arrays. */
function plainJson(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Iterable<unknown>);
  return value;
}
