import type { Preview2Host, Resource } from "../host/preview2-host.ts";
import { Network } from "../socket-interfaces.ts";
import { restoreDescriptor, restoreDirectoryEntries } from "./restore-files.ts";
import {
  restoreFields,
  restoreFutureResponse,
  restoreFutureTrailers,
  restoreIncomingResponse,
  restoreOutgoingBody,
  restoreOutgoingRequest,
  restoreRequestOptions,
} from "./restore-http.ts";
import { restoreInputStream, restoreIoError, restoreOutputStream, restorePollable } from "./restore-io.ts";
import { fieldsOf, isPosition } from "./restorer.ts";
import type { ResourceAt, Restorer } from "./restorer.ts";

const RESTORERS: ReadonlyMap<unknown, Restorer> = new Map<unknown, Restorer>([
  ["input-stream", restoreInputStream],
  ["output-stream", restoreOutputStream],
  ["io-error", restoreIoError],
  ["pollable", restorePollable],
  ["descriptor", restoreDescriptor],
  ["directory-entries", restoreDirectoryEntries],
  ["fields", restoreFields],
  ["outgoing-body", restoreOutgoingBody],
  ["outgoing-request", restoreOutgoingRequest],
  ["request-options", restoreRequestOptions],
  ["future-response", restoreFutureResponse],
  ["incoming-response", restoreIncomingResponse],
  ["future-trailers", restoreFutureTrailers],
  ["network", (host) => new Network(host)],
]);

/** As many as are open, and those that they need. */
const MAX_RESOURCES = 4_096;

/**
 * Makes again what `captureResources` wrote down. The state may come out of a snapshot and be forged: undefined, with some
 * of it made, if it is no such state; and nothing comes out of it that the guest could not have asked for.
 */
export function restoreResources(host: Preview2Host, state: unknown): readonly Resource[] | undefined {
  const { resources: list } = fieldsOf(state);
  if (!Array.isArray(list) || list.length > MAX_RESOURCES) return undefined;
  const made: (Resource | undefined)[] = [];
  const begun = new Set<number>();
  const at: ResourceAt = (number) => {
    if (!isPosition(number) || number >= list.length) return undefined;
    if (begun.has(number)) return made[number];
    begun.add(number);
    const { kind, ...fields } = fieldsOf(fieldsOf((list as unknown[])[number])["state"]);
    const resource = RESTORERS.get(kind)?.(host, fields, at);
    made[number] = resource;
    return resource;
  };
  for (let number = 0; number < list.length; number++) if (at(number) === undefined) return undefined;
  const resources = made.flatMap((resource) => (resource === undefined ? [] : [resource]));
  // Behind all the others: a stream keeps the descriptor that it was made of.
  for (const [number, resource] of resources.entries())
    if (fieldsOf((list as unknown[])[number])["open"] !== true) host.release(resource);
  return resources;
}
