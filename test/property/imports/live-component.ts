import { decodeModule } from "../../../src/engine/binary/decode-module.ts";
import { host } from "../../../src/host.ts";
import { component, memoryDirectory } from "../../../src/index.ts";
import { buildSandbox } from "../../../src/sandbox/build-sandbox.ts";
import type { SandboxParts } from "../../../src/sandbox/build-sandbox.ts";
import { resolveOptions } from "../../../src/sandbox/options.ts";
import type { WholeWasi } from "../../support/components/whole-wasi.ts";
import type { ImportedFunction, Target } from "./hostile-calls.ts";
import { watchLinking } from "./watch-linking.ts";

const MAXIMUM_BYTES = 8 * 2 ** 20;

/** A live component that imports all of WASI, with each of its imports as its core module would call it. */
export async function liveComponent({
  component: bytes,
  core,
}: WholeWasi): Promise<Target & { readonly parts: SandboxParts; readonly close: () => void }> {
  const options = resolveOptions({
    guest: component(bytes),
    clock: "virtual",
    random: { seed: 1 },
    env: { NAME: "value" },
    args: ["argument"],
    stdin: "input",
    files: {
      "/work": memoryDirectory({ files: { f: "text", "d/g": "more" }, maxBytes: 100_000, maxEntries: 50 }),
      "/ro": memoryDirectory({ files: { x: "read" }, mode: "read-only" }),
    },
    network: { allow: ["https://api.example.com/"] },
    fetch: async () => await Promise.resolve(new Response("")),
    limits: { memoryBytes: MAXIMUM_BYTES },
  });
  const { made: parts, linked } = await watchLinking(async () => {
    const made = await buildSandbox(host, options);
    // The instance is made at the first call.
    made.fuel.arm({ fuel: 1e12 });
    const turn = made.session.start({ source: "", call: { name: "nothing", args: [] }, filename: "", args: [] });
    if (turn.state !== "done" || turn.outcome.kind !== "value") throw new Error(JSON.stringify(turn));
    made.fuel.disarm();
    return made;
  });
  const decoded = decodeModule(core);
  const wanted = decoded.imports.length;
  const own = linked.find(({ module }) => WebAssembly.Module.imports(module).length > wanted - 1);
  const memory = Object.values(own?.exports ?? {}).find((item) => item instanceof WebAssembly.Memory);
  if (own === undefined || memory === undefined) throw new Error("The component's core module was not linked");
  const functions = decoded.imports.flatMap(({ module, name, index }): ImportedFunction[] => {
    const call = own.imports[module]?.[name];
    const type = decoded.types[decoded.functionTypes[index] ?? -1];
    if (typeof call !== "function" || type === undefined || !("params" in type))
      throw new Error(`${module}.${name} is no function`);
    return [
      { name: `${module}.${name}`, parameters: type.params, result: type.results[0], call: call as () => unknown },
    ];
  });
  return {
    functions,
    memory,
    gauge: parts.fuel,
    maximumBytes: MAXIMUM_BYTES,
    parts,
    close: () => {
      parts.session.close();
      parts.files.dispose();
    },
  };
}
