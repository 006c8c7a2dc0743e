import type { GuestCapabilities } from "../guest.ts";
import { streamStat } from "../../wasi/preview1/description.ts";
import { BytesDescription, bytesStat } from "../../wasi/preview1/descriptors/bytes-description.ts";
import type { Device, Devices } from "../../wasi/preview1/devices.ts";
import { HOST_FILE_PATH } from "./host-file/host-file.ts";
import type { HostFile } from "./host-file/host-file.ts";
import { OpenedDevice } from "./opened-device.ts";
import type { DeviceActions } from "./opened-device.ts";

/** What every Unix program finds in `/dev`, the way to the host beside it, and read-only files of the language's own. */
export function languageDevices(
  file: HostFile,
  { input, output, random }: Pick<GuestCapabilities, "input" | "output" | "random">,
  own: ReadonlyMap<string, Uint8Array> = new Map(),
): Devices {
  const randomBytes: DeviceActions = {
    read: (into) => {
      random.fill(into);
      return into.length;
    },
  };
  const written = (stream: "stdout" | "stderr"): DeviceActions => ({
    write: (from) => {
      output.write(stream, from);
      return from.length;
    },
  });
  const devices = new Map<string, Device>([
    [HOST_FILE_PATH, device({ read: (into) => file.read(into), write: (from) => file.write(from) })],
    ["/dev/null", device({ read: () => 0, write: (from) => from.length })],
    ["/dev/urandom", device(randomBytes)],
    ["/dev/random", device(randomBytes)],
    ["/dev/stdin", device({ read: (into) => input.read(into) })],
    ["/dev/stdout", device(written("stdout"))],
    ["/dev/stderr", device(written("stderr"))],
  ]);
  for (const [path, bytes] of own)
    devices.set(path, { kind: "file", stat: bytesStat(bytes), open: () => new BytesDescription(path, bytes) });
  return devices;
}

function device(actions: DeviceActions): Device {
  return { kind: "device", stat: streamStat(true), open: () => new OpenedDevice(actions) };
}
