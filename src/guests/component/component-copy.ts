import { viewState } from "../../engine/snapshot/capture-state.ts";
import { captureReferences, numbersOf, restoreReferences } from "../../engine/snapshot/reference-state.ts";
import { EMPTY_IMAGE } from "../../engine/snapshot/state-delta.ts";
import { WardianError } from "../../errors.ts";
import type { Preview2Host } from "../../wasi/preview2/host/preview2-host.ts";
import { captureResources } from "../../wasi/preview2/host/resource-state.ts";
import { restoreResources } from "../../wasi/preview2/restore/restore-resources.ts";
import { adoptState } from "../adopt-state.ts";
import type { SessionState } from "../guest.ts";
import type { ComponentInstance } from "./component-instance.ts";
import type { HeldResources } from "./held-resources.ts";
import { capturedResources, copyGlue, restoreGlue } from "./glue-copy.ts";

/**
 * Everything of a component between two calls: memories, numbers and references of all its core modules, the glue's tables of
 * handles, and what they stand for.
 *
 * @throws WardianError "unsupported" for what cannot be carried, such as an open HTTP response
 */
export function copyComponent(
  instance: ComponentInstance | undefined,
  held: HeldResources | undefined,
  host: Preview2Host,
): SessionState {
  if (instance === undefined) return { image: EMPTY_IMAGE, host: { live: false } };
  const { state, names, glue } = instance;
  const { state: resources, number } = captureResources([...capturedResources(glue), ...host.open], (resource) =>
    host.holds(resource),
  );
  return {
    image: viewState(numbersOf(state)),
    host: {
      live: true,
      args: host.args,
      references: captureReferences(state, names),
      resources,
      glue: copyGlue(glue, number),
      held: held?.copy() ?? { last: 0, held: [] },
    },
  };
}

/** Whether a state is that of a component that had been called; one that had not begins anew. */
export function isLive({ host }: SessionState): boolean {
  const { live } = fieldsOf(host);
  if (typeof live === "boolean") return live;
  throw damaged();
}

/**
 * Has a blank instance go on where the copy stood. The state may be forged.
 *
 * @throws WardianError "invalid-snapshot", with the instance in any state, if it is none of this component's
 */
export function restoreComponent(
  { image, host: kept }: SessionState,
  { instance, held, host }: LiveComponent,
  memoryBytes: number,
): void {
  const { args, references, resources, glue, held: holding } = fieldsOf(kept);
  if (!Array.isArray(args) || args.length > MAX_ARGS || !args.every(isArgument)) throw damaged();
  adoptState(image, numbersOf(instance.state), memoryBytes);
  if (!restoreReferences(references, instance.state, instance.names)) throw damaged();
  const made = restoreResources(host, resources);
  if (made === undefined || !restoreGlue(glue, instance.glue, made) || !held.restore(holding)) throw damaged();
  host.args = args;
}

/** What a component consists of between two calls. */
export interface LiveComponent {
  readonly instance: ComponentInstance;
  readonly held: HeldResources;
  readonly host: Preview2Host;
}

const MAX_ARGS = 10_000;

function isArgument(value: unknown): value is string {
  return typeof value === "string" && value.length <= 2 ** 20;
}

function damaged(): WardianError {
  return new WardianError(
    "invalid-snapshot",
    "Cannot restore a snapshot: what the host kept of the component is damaged",
  );
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
