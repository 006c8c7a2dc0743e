import { mapClear, mapDelete, mapForEach, mapGet, mapSet, mapSize, newList, push, SafeMap } from "./intrinsics.ts";

/** As `ToolReply` in src/capabilities/tools/tool-calls.ts; requests answer in the same form. */
export type Reply =
  | { readonly state: "value"; readonly json: string }
  | { readonly state: "error"; readonly name: string; readonly message: string }
  | { readonly state: "pending"; readonly id: number };

export type EndedReply = Exclude<Reply, { readonly state: "pending" }>;

export interface Settlement {
  readonly id: number;
  readonly reply: Reply;
}

/** What to do when a call ends that the host has started: a tool's, a request's, or more of a body. */
const pending = new SafeMap<number, (reply: EndedReply) => void>();

export function whenSettled(id: number, then: (reply: EndedReply) => void): void {
  mapSet(pending, id, then);
}

export function forgetCall(id: number): void {
  mapDelete(pending, id);
}

export function settleCall({ id, reply }: Settlement): void {
  const then = mapGet(pending, id);
  if (then === undefined || reply.state === "pending") return;
  mapDelete(pending, id);
  then(reply);
}

export function pendingCallIds(): readonly number[] {
  const ids = newList<number>();
  if (mapSize(pending) > 0) mapForEach(pending, (_then, id) => void push(ids, id));
  return ids;
}

export function forgetCalls(): void {
  mapClear(pending);
}
