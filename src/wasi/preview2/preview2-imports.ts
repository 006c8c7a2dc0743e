import { cliInterfaces } from "./cli-interfaces.ts";
import { clockAndRandomInterfaces } from "./clock-and-random-interfaces.ts";
import { filesystemInterfaces } from "./filesystem/filesystem-interfaces.ts";
import { httpInterfaces } from "./http/http-interfaces.ts";
import type { Preview2Host } from "./host/preview2-host.ts";
import type { Interfaces } from "./interfaces.ts";
import { ioInterfaces } from "./io/io-interfaces.ts";
import { socketInterfaces } from "./socket-interfaces.ts";

/** All of WASI 0.2 that a component can be given, over the capabilities of one sandbox. */
export function preview2Imports(host: Preview2Host): Interfaces {
  return {
    ...cliInterfaces(host),
    ...ioInterfaces(host),
    ...clockAndRandomInterfaces(host),
    ...filesystemInterfaces(host),
    ...httpInterfaces(host),
    ...socketInterfaces(host),
  };
}
