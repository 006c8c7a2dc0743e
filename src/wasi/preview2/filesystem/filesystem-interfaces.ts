import { guardFunctions } from "../host/guard.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { Interfaces } from "../interfaces.ts";
import type { IoError } from "../io/io-error.ts";
import { Descriptor } from "./descriptor.ts";
import { DirectoryEntryStream } from "./directory-entry-stream.ts";
import { errorCodeOf } from "./error-code.ts";

/** `wasi:filesystem`. */
export function filesystemInterfaces(host: Preview2Host): Interfaces {
  return {
    "wasi:filesystem/types": {
      Descriptor,
      DirectoryEntryStream,
      ...guardFunctions(host, { filesystemErrorCode: (error: IoError) => errorCodeOf(error.errno) }),
    },
    "wasi:filesystem/preopens": guardFunctions(host, { getDirectories: () => openDirectories(host) }),
  };
}

function openDirectories(host: Preview2Host): [Descriptor, string][] {
  const directories: [Descriptor, string][] = [];
  for (const path of host.preopens) {
    const open = host.powers.files.open(path, { read: true, write: false, directory: true });
    if (typeof open !== "string")
      directories.push([new Descriptor(host, open, { read: true, mutateDirectory: true }), path]);
  }
  return directories;
}
