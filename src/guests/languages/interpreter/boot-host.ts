import { fixedClock } from "../../../capabilities/clock/fixed-clock.ts";
import { inputSource } from "../../../capabilities/environment/input-source.ts";
import { createFileView } from "../../../capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../../capabilities/output/output-sink.ts";
import type { RecordingOutputSink } from "../../../capabilities/output/output-sink.ts";
import { seededRandom } from "../../../capabilities/random/seeded-random.ts";
import type { ToolCalls } from "../../../capabilities/tools/tool-calls.ts";
import { createFuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import { HostFile } from "../host-file/host-file.ts";
import { languageDevices } from "../language-devices.ts";
import { Preview1Host } from "../../../wasi/preview1/host/preview1-host.ts";

/** A host without files, input, environment and tools, whose clock stands still and whose random numbers are known. */
export function bootHost(): {
  readonly host: Preview1Host;
  readonly output: RecordingOutputSink;
  readonly file: HostFile;
} {
  const fuel = createFuelGauge({ now: () => 0 });
  const clock = fixedClock(0);
  const output = createOutputSink();
  const files = createFileView({
    mounts: new Map(),
    charge: (units) => fuel.charge(units),
    now: () => clock.now(),
    createdMs: 0,
  });
  const powers = { files, clock, random: seededRandom("wardian boot"), output, input: inputSource("") };
  const file = new HostFile({ tools: NO_TOOLS, fuel, valueBytes: 0 });
  return { host: new Preview1Host(fuel, powers, languageDevices(file, powers)), output, file };
}

const NO_TOOLS: ToolCalls = {
  names: [],
  call: () => ({ state: "error", name: "ToolNotFoundError", message: "There are no tools yet" }),
};
