/** The engine alone: meter core modules and run them under a budget. */
export { meter } from "./meter/meter.ts";
export type { ExportRequest, MeterOptions } from "./meter/options.ts";
export { EXHAUSTED_IMPORT, type MeteredModule } from "./meter/metered-module.ts";
export { inspect } from "./inspect.ts";
export type {
  ExportDescription,
  GlobalDescription,
  ImportDescription,
  MemoryDescription,
  ModuleDescription,
  TableDescription,
} from "./inspect.ts";
export type { ExternalKind } from "./binary/module.ts";
export { DEFAULT_REWRITE_LIMITS, type RewriteLimits } from "./limits.ts";
export { verifyMetering } from "./verify/verify-metering.ts";
export type { MeteringNames, MeteringProblem, MeteringVerdict, VerifyOptions } from "./verify/verify-metering.ts";
export { createFuelGauge } from "./instance/fuel-gauge.ts";
export type {
  Completion,
  FuelBudget,
  FuelCell,
  FuelGauge,
  FuelGaugeOptions,
  StopReason,
} from "./instance/fuel-gauge.ts";
export { captureState } from "./snapshot/capture-state.ts";
export { restoreState } from "./snapshot/restore-state.ts";
export type { RestoreOptions, RestoreOutcome } from "./snapshot/restore-state.ts";
export type { GlobalValue, GuestState, MemoryImage, MemoryRun, StateImage } from "./snapshot/state-image.ts";
export { decodeImage, encodeImage } from "./snapshot/image-file.ts";
