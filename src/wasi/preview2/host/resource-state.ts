import type { Resource } from "./preview2-host.ts";

/** A resource as data: its kind and what that kind needs; other resources by their numbers. Bytes stay bytes. */
export interface ResourceState {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** The number of a resource in the state that is being written. */
export type NumberOf = (resource: Resource) => number;

/** Everything that the host holds for one component. */
export interface HostState {
  readonly resources: readonly { readonly open: boolean; readonly state: ResourceState }[];
}

/** Writes down resources, and those that they need: first `roots`, in their order. */
export function captureResources(roots: Iterable<Resource>, holds: (resource: Resource) => boolean): CapturedResources {
  const numbers = new Map<Resource, number>();
  const list: Resource[] = [];
  const number: NumberOf = (resource) => {
    let known = numbers.get(resource);
    if (known === undefined) {
      known = list.push(resource) - 1;
      numbers.set(resource, known);
    }
    return known;
  };
  for (const resource of roots) number(resource);
  const resources: { open: boolean; state: ResourceState }[] = [];
  // The list grows as resources name others.
  for (let at = 0; at < list.length; at++) {
    const resource = list[at];
    if (resource !== undefined) resources.push({ open: holds(resource), state: resource.capture(number) });
  }
  return { state: { resources }, number };
}

export interface CapturedResources {
  readonly state: HostState;
  readonly number: NumberOf;
}
