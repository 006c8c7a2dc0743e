/** Where the thread of a guest starts. */
import { host } from "../host.ts";
import { WardianError } from "../errors.ts";
import { serveSandbox } from "./guest-side/serve-sandbox.ts";

const line = host.platform.hostLine?.();
if (line === undefined) throw new WardianError("unsupported", "Cannot serve a sandbox: this is no guest's thread");
serveSandbox(host, line);
