import { inspect } from "../engine/index.ts";
import type { ModuleDescription } from "../engine/index.ts";
import { readComponent } from "../engine/component/read-component.ts";
import type { ComponentDescription } from "../engine/component/read-component.ts";
import { servedBy } from "../wasi/preview2/served-interfaces.ts";
import { hostServes } from "./component/host-interfaces.ts";
import { toolNames } from "./component/tool-imports.ts";
import { isComponent } from "./module/guest-module.ts";
import { whyUnsealed } from "./sealed-imports.ts";

/** One import of a binary, and what a sandbox would do about it. */
export interface ServedImport {
  /** "wasi_snapshot_preview1", or an interface; empty for a function that a component imports by itself. */
  readonly module: string;
  /** The function; empty for an interface as a whole. */
  readonly name: string;
  /** The capability that serves it; undefined if none does. */
  readonly by: string | undefined;
  /** The tool that would serve it, if the caller gave one of that name. */
  readonly tool?: string;
  /** Why nothing serves it. */
  readonly why?: string;
}

/** What a binary of either kind is and asks for. */
export type BinaryReport =
  | { readonly kind: "module"; readonly imports: readonly ServedImport[]; readonly module: ModuleDescription }
  | { readonly kind: "component"; readonly imports: readonly ServedImport[]; readonly component: ComponentDescription };

/**
 * Says of each import of a core module or component which capability serves it.
 *
 * @throws WardianError "invalid-module" or "module-too-large".
 */
export function reportImports(bytes: Uint8Array): BinaryReport {
  if (isComponent(bytes)) {
    const component = readComponent(bytes);
    return { kind: "component", component, imports: component.imports.flatMap(servedComponentImport) };
  }
  const module = inspect(bytes);
  const imports = module.imports.map(({ module: from, name, kind, type }): ServedImport => {
    const why = whyUnsealed(from, name, kind, type);
    return why === undefined
      ? { module: from, name, by: capabilityOf(name) }
      : { module: from, name, by: undefined, why };
  });
  return { kind: "module", module, imports };
}

/** Whether a sandbox can load it: with tools of these names, if it needs any. */
export function isSealed({ imports }: BinaryReport): boolean {
  return imports.every(({ by, tool }) => by !== undefined || tool !== undefined);
}

function servedComponentImport(item: ComponentDescription["imports"][number]): readonly ServedImport[] {
  if (item.kind === "type") return [];
  if (item.kind !== "instance" && item.kind !== "function")
    return [{ module: item.name, name: "", by: undefined, why: `an imported ${item.kind} cannot be provided` }];
  const ours = hostServes(item.name);
  if (item.name.startsWith("wasi:") || ours !== undefined) {
    const by = ours ?? servedBy(item.name);
    return [
      {
        module: item.name,
        name: "",
        by,
        ...(by === undefined ? { why: "not an interface of WASI 0.2 that is served" } : {}),
      },
    ];
  }
  return [...item.functions.keys()].map((name) => {
    const module = item.kind === "function" ? "" : item.name;
    if (name.startsWith("["))
      return { module, name, by: undefined, why: "a resource of the host's; tools serve functions only" };
    const tool = toolNames(item, name).at(-1);
    return { module, name: name === "" ? item.name : name, by: undefined, ...(tool === undefined ? {} : { tool }) };
  });
}

/** The capabilities behind the functions of preview 1, by how their names begin. */
const CAPABILITIES: readonly (readonly [prefix: string, capability: string])[] = [
  ["args_", "args"],
  ["environ_", "env"],
  ["clock_", "clock"],
  ["poll_", "clock"],
  ["random_", "random"],
  ["proc_exit", "the end of the run"],
  ["proc_raise", "none: signals are refused"],
  ["sched_", "none: there is one thread"],
  ["sock_", "none: sockets are refused"],
  ["fd_", "files, stdin and output"],
  ["path_", "files"],
];

function capabilityOf(name: string): string | undefined {
  return CAPABILITIES.find(([prefix]) => name.startsWith(prefix))?.[1];
}
