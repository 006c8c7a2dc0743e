import type { ComponentInstance } from "./component-instance.ts";
import type { HandleRegistry } from "./glue-state.ts";
import { findResource, nameResource } from "./resource-names.ts";

/** A resource of a component's own, as the host holds it: data, which means something to that sandbox and to its copies. */
export interface ResourceHandle {
  /** "namespace:package/interface#resource", without version. */
  readonly resource: string;
  readonly handle: number;
}

/** How many of a component's resources the host may hold at a time. */
export const MAX_HELD = 1_024;

/** One held resource in a copy. */
type HeldCopy = readonly [handle: number, resource: string, registry: number, glueHandle: number];

/** The resources of one component that its host holds handles of. */
export class HeldResources {
  readonly #instance: Pick<ComponentInstance, "exports" | "glue">;
  readonly #objects = new Map<number, object>();
  readonly #handles = new Map<object, ResourceHandle>();
  #last = 0;

  constructor(instance: Pick<ComponentInstance, "exports" | "glue">) {
    this.#instance = instance;
  }

  get count(): number {
    return this.#objects.size;
  }

  /** The handle that stands for an object outside; undefined if it is no resource of the component's, or of none with a name. */
  handleOf(object: object): ResourceHandle | undefined {
    const known = this.#handles.get(object);
    if (known !== undefined) return known;
    if (this.#registryOf(object) === undefined) return undefined;
    const name = nameResource(this.#instance.exports, object);
    return name && this.#hold(object, ++this.#last, name.from === "" ? name.name : `${name.from}#${name.name}`);
  }

  /** The arguments of a call, with objects in place of handles that the host holds. */
  lower(args: readonly unknown[]): readonly unknown[] {
    return this.#objects.size === 0 ? args : args.map((value) => this.#lower(value, 0));
  }

  /**
   * After a call, inside `fuel.enter`: forgets what was passed on, and drops what the caller did not get. With `since`, also
   * what has come to be held behind it, for a value that is not delivered.
   */
  settle(since?: number): void {
    for (const [handle, object] of this.#objects) {
      const undelivered = since !== undefined && handle > since;
      if (undelivered || this.#registryOf(object) === undefined) this.#forget(handle, object);
    }
    const { registries, symbolHandle } = this.#instance.glue;
    for (const registry of registries)
      for (const object of registry.held.keys()) if (!this.#handles.has(object)) registry.release(object, symbolHandle);
  }

  /** The handle that was given out last. */
  get last(): number {
    return this.#last;
  }

  /** Drops a resource as its owner: the component's destructor runs. */
  drop(object: unknown): void {
    if (typeof object !== "object" || object === null) throw new TypeError("There is no such resource");
    const registry = this.#registryOf(object);
    if (registry === undefined) throw new TypeError("There is no such resource");
    registry.release(object, this.#instance.glue.symbolHandle);
  }

  /** As data, for a copy. */
  copy(): { readonly last: number; readonly held: readonly HeldCopy[] } {
    const { registries } = this.#instance.glue;
    const held = Array.from(this.#objects, ([handle, object]): HeldCopy => {
      const registry = this.#registryOf(object);
      const resource = this.#handles.get(object)?.resource ?? "";
      return [handle, resource, registry ? registries.indexOf(registry) : -1, registry?.held.get(object) ?? 0];
    });
    return { last: this.#last, held };
  }

  /** Puts a copy back, which may be forged; false if it is none of this component's. */
  restore(copy: unknown): boolean {
    const { last, held } = (typeof copy === "object" && copy !== null ? copy : {}) as Readonly<Record<string, unknown>>;
    if (!isCount(last) || !Array.isArray(held) || held.length > MAX_HELD) return false;
    this.#last = last;
    const used = new Set<string>();
    return (held as unknown[]).every((entry) => {
      const [handle, resource, registry, glueHandle] = Array.isArray(entry) ? (entry as unknown[]) : [];
      if (!isCount(handle) || handle === 0 || handle > last || this.#objects.has(handle)) return false;
      if (typeof resource !== "string" || !isCount(registry) || !isCount(glueHandle)) return false;
      // Two objects of one handle: dropping both would take another's place.
      const key = `${registry} ${glueHandle}`;
      if (used.has(key)) return false;
      used.add(key);
      return this.#adopt(handle, resource, registry, glueHandle);
    });
  }

  #adopt(handle: number, resource: string, registry: number, glueHandle: number): boolean {
    const { exports, glue } = this.#instance;
    const [from, name] = resource.includes("#") ? resource.split("#", 2) : ["", resource];
    const type = findResource(exports, { from: from ?? "", name: name ?? "" });
    const owner = glue.registries[registry];
    if (type === undefined || owner === undefined) return false;
    const object = Object.create(type.prototype as object) as object;
    // What jco's own constructor leaves on an object.
    Object.defineProperty(object, glue.symbolHandle, { writable: true, value: glueHandle });
    owner.register(object, glueHandle);
    this.#hold(object, handle, resource);
    return true;
  }

  #hold(object: object, handle: number, resource: string): ResourceHandle {
    const made = Object.freeze(Object.assign(Object.create(null) as object, { resource, handle }));
    this.#objects.set(handle, object);
    this.#handles.set(object, made);
    return made;
  }

  #forget(handle: number, object: object): void {
    this.#objects.delete(handle);
    this.#handles.delete(object);
  }

  #registryOf(object: object): HandleRegistry | undefined {
    return this.#instance.glue.registries.find(({ held }) => held.has(object));
  }

  #lower(value: unknown, depth: number): unknown {
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH || ArrayBuffer.isView(value)) return value;
    if (Array.isArray(value)) return value.map((item) => this.#lower(item, depth + 1));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    const entries = Object.entries(value);
    const { resource, handle } = value as Partial<ResourceHandle>;
    if (entries.length === 2 && typeof handle === "number") {
      const object = this.#objects.get(handle);
      if (object !== undefined && this.#handles.get(object)?.resource === resource) return object;
    }
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [name, item] of entries) copy[name] = this.#lower(item, depth + 1);
    return copy;
  }
}

/** Handles deeper in an argument are not looked for. */
const MAX_DEPTH = 32;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
