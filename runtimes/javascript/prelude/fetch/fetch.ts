import { defineValue } from "../intrinsics.ts";
import { collect, takeBody } from "./body.ts";
import { Headers } from "./headers.ts";
import { cancelRequest, readBody, sendRequest } from "./http.ts";
import { ReadableStream } from "./readable-stream.ts";
import { Request } from "./request.ts";
import type { RequestInit } from "./request.ts";
import { Response } from "./response.ts";

/** `fetch`: the request goes out if the sandbox's network policy allows it, and each redirect with it. */
async function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { signal } = request;
  signal.throwIfAborted();
  const body = await collect(takeBody(request));
  let id: number | undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => (fail = reject));
  aborted.catch(() => undefined);
  // While the body is read the abort reaches it as the stream's error.
  let bodyFailed: (reason: unknown) => void = () => undefined;
  signal.addEventListener(
    "abort",
    () => {
      if (id !== undefined) cancelRequest(id);
      fail(signal.reason);
      bodyFailed(signal.reason);
    },
    { once: true },
  );
  signal.throwIfAborted();
  const message = {
    url: request.url,
    method: request.method,
    headers: [...request.headers],
    redirect: request.redirect,
  };
  const sent = sendRequest(message, body.length === 0 ? undefined : exactBuffer(body), (started) => (id = started));
  const head = await Promise.race([sent, aborted]);
  const number = head.id;
  id = number;
  const stream = new ReadableStream({
    start: (controller) => void (bodyFailed = (reason) => controller.error(reason)),
    async pull(controller) {
      const piece = await readBody(number);
      if (signal.aborted) return;
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
    cancel: () => cancelRequest(number),
  });
  return Response.received(stream, head);
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength === buffer.byteLength
    ? (buffer as ArrayBuffer)
    : (buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

let installed = false;

/** The globals of the network: only in a sandbox that was given one. */
export function installFetch(): void {
  if (installed) return;
  installed = true;
  for (const [name, value] of Object.entries({ fetch, Headers, ReadableStream, Request, Response })) {
    // The bundler renames classes that mention themselves.
    defineValue(value, "name", name, false);
    defineValue(globalThis, name, value, false);
  }
}
