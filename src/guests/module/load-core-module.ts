import { WardianError } from "../../errors.ts";
import type { GuestContext } from "../guest.ts";
import type { GuestModule } from "./guest-module.ts";
import { ModuleCache } from "./module-cache.ts";
import { prepareModule } from "./prepare-module.ts";
import type { PreparedModule } from "./prepare-module.ts";

const prepared = new ModuleCache<PreparedModule>();

/** The module of a command or reactor, metered and compiled: once in a process for the same bytes and cap. */
export async function loadCoreModule(module: GuestModule, context: GuestContext): Promise<PreparedModule> {
  const { memoryBytes } = context;
  const digest = await context.digest(module.bytes);
  return await prepared.get(`${digest} ${memoryBytes}`, () => prepareModule(module.bytes, memoryBytes, module.kind));
}

/** @throws WardianError "invalid-module" unless the module exports the function with that type. */
export function requireFunction({ description }: PreparedModule, name: string, what: string, remedy: string): void {
  const found = description.exports.find((item) => item.name === name);
  if (found?.kind === "function" && found.type === "() -> ()") return;
  const why = found === undefined ? "is not exported" : `is a ${found.kind} ${found.type}`;
  throw new WardianError("invalid-module", `Cannot load the ${what}: "${name}" ${why}; ${remedy}`);
}
