import { fixedClock } from "../../../capabilities/clock/fixed-clock.ts";
import { createEnvironment } from "../../../capabilities/environment/create-environment.ts";
import { DenialLog } from "../../../capabilities/denials/denial-log.ts";
import { inputSource } from "../../../capabilities/environment/input-source.ts";
import { createFileView } from "../../../capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../../capabilities/output/output-sink.ts";
import type { RecordingOutputSink } from "../../../capabilities/output/output-sink.ts";
import { seededRandom } from "../../../capabilities/random/seeded-random.ts";
import type { ToolCalls } from "../../../capabilities/tools/tool-calls.ts";
import { createFuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import type { FuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import type { GuestCapabilities } from "../../guest.ts";
import { HostFile } from "../host-file/host-file.ts";
import { languageDevices } from "../language-devices.ts";
import { Preview1Host } from "../../../wasi/preview1/host/preview1-host.ts";

/** The powers of a guest that is being started: no files, input, environment or tools, a clock that stands still, known random numbers. */
export function bootCapabilities(): {
  readonly capabilities: GuestCapabilities & { readonly output: RecordingOutputSink };
  readonly fuel: FuelGauge;
} {
  const fuel = createFuelGauge({ now: () => 0 });
  const clock = fixedClock(0);
  const files = createFileView({
    mounts: new Map(),
    charge: (units) => fuel.charge(units),
    now: () => clock.now(),
    createdMs: 0,
  });
  const capabilities = {
    files,
    clock,
    random: seededRandom("wardian boot"),
    environment: createEnvironment(),
    output: createOutputSink(),
    input: inputSource(""),
    tools: NO_TOOLS,
    denials: new DenialLog(),
  };
  return { capabilities, fuel };
}

/** A host over these powers. */
export function bootHost(): {
  readonly host: Preview1Host;
  readonly output: RecordingOutputSink;
  readonly file: HostFile;
} {
  const { capabilities, fuel } = bootCapabilities();
  const file = new HostFile({ tools: NO_TOOLS, fuel, valueBytes: 0 });
  const host = new Preview1Host(fuel, capabilities, languageDevices(file, capabilities));
  return { host, output: capabilities.output, file };
}

const NO_TOOLS: ToolCalls = {
  names: [],
  call: () => ({ state: "error", name: "ToolNotFoundError", message: "There are no tools yet" }),
};
