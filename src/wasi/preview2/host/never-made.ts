import { Resource } from "./preview2-host.ts";
import type { ResourceState } from "./resource-state.ts";

/** A resource that worlds name and no sandbox makes: its class only has to be there. */
export class NeverMade extends Resource {
  override capture(): ResourceState {
    return { kind: "never-made" };
  }
}
