/** The guest's end of the network: requests and their bodies by number. */
import { Bytes, parse, SafePromise, SafeTypeError, stringify } from "../intrinsics.ts";
import { HTTP_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { fileOperation } from "../native.ts";
import { forgetCall, whenSettled } from "../pending-calls.ts";
import type { EndedReply, Reply } from "../pending-calls.ts";

export interface RequestMessage {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirect: string;
}

/** As `HttpResponseMessage` in src/capabilities/network/http-calls.ts. */
export interface ResponseMessage {
  readonly id: number;
  readonly url: string;
  readonly redirected: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** Sends a request. `started` is told its number while it is on its way, for `cancelRequest`. */
export function sendRequest(
  message: RequestMessage,
  body: ArrayBuffer | undefined,
  started: (id: number) => void,
): Promise<ResponseMessage> {
  return new SafePromise((resolve, reject) => {
    const finish = (reply: EndedReply): void => {
      if (reply.state === "value") resolve(parse(reply.json) as ResponseMessage);
      else reject(networkError(reply));
    };
    const reply = parse(fileOperation(HTTP_OPERATION.start, stringify(message) as string, body) as string) as Reply;
    if (reply.state !== "pending") finish(reply);
    else {
      whenSettled(reply.id, finish);
      started(reply.id);
    }
  });
}

/** The next piece of a response's body; undefined at its end. */
export function readBody(id: number): Promise<Uint8Array | undefined> {
  return new SafePromise((resolve, reject) => {
    const ask = (): void => {
      const reply = fileOperation(HTTP_OPERATION.read, `${id}`, undefined);
      if (typeof reply === "object") {
        resolve(new Bytes(reply));
        return;
      }
      const state = parse(reply as string) as { readonly state: "end" } | Exclude<Reply, { readonly state: "value" }>;
      if (state.state === "pending") whenSettled(id, ask);
      else if (state.state === "end") resolve(undefined);
      else reject(networkError(state));
    };
    ask();
  });
}

/** Nothing more of this request is wanted. */
export function cancelRequest(id: number): void {
  forgetCall(id);
  fileOperation(HTTP_OPERATION.cancel, `${id}`, undefined);
}

/** `fetch` rejects with a TypeError whatever happened; `code` says which: NetworkDenied, NetworkLimit, NetworkError. */
function networkError(reply: { readonly name: string; readonly message: string }): Error {
  const error = new SafeTypeError(reply.message) as Error & { code?: string };
  if (reply.name !== "TypeError") error.code = reply.name;
  return error;
}
