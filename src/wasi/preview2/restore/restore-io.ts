import { errorCodeOf } from "../filesystem/error-code.ts";
import { Descriptor } from "../filesystem/descriptor.ts";
import { OutgoingBody } from "../http/outgoing.ts";
import { isFailure } from "../host/failure.ts";
import type { Resource } from "../host/preview2-host.ts";
import { InputStream } from "../io/input-stream.ts";
import { IoError } from "../io/io-error.ts";
import { OutputStream } from "../io/output-stream.ts";
import { Pollable } from "../io/pollable.ts";
import { StandardInput, StandardOutput } from "../io/standard-streams.ts";
import { fieldsOf, isPosition } from "./restorer.ts";
import type { Restorer } from "./restorer.ts";

export const restoreInputStream: Restorer = (host, { from }, at) => {
  const { kind, descriptor, position } = fieldsOf(from);
  if (kind === "standard") return new InputStream(host, new StandardInput(host));
  const file = kind === "file" ? at(descriptor) : undefined;
  if (!(file instanceof Descriptor) || !isPosition(position)) return undefined;
  return opened(() => Descriptor.reading(file, position));
};

export const restoreOutputStream: Restorer = (host, { to }, at) => {
  const { kind, stream, descriptor, position, body } = fieldsOf(to);
  if (kind === "standard" && (stream === "stdout" || stream === "stderr"))
    return new OutputStream(host, new StandardOutput(host, stream));
  if (kind === "body") {
    const target = at(body);
    return target instanceof OutgoingBody ? new OutputStream(host, OutgoingBody.sink(target)) : undefined;
  }
  const file = kind === "file" ? at(descriptor) : undefined;
  if (!(file instanceof Descriptor) || !(position === undefined || isPosition(position))) return undefined;
  return opened(() => Descriptor.writing(file, position));
};

export const restorePollable: Restorer = (host, { readyAtMs }) =>
  typeof readyAtMs === "number" && !Number.isNaN(readyAtMs) ? new Pollable(host, readyAtMs) : undefined;

export const restoreIoError: Restorer = (host, { errno }) =>
  typeof errno === "string" && errorCodeOf(errno as IoError["errno"]) !== undefined
    ? new IoError(host, errno as IoError["errno"])
    : undefined;

/** A stream of a descriptor that allows none is the mistake of whoever forged it. */
function opened(open: () => Resource): Resource | undefined {
  try {
    return open();
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}
