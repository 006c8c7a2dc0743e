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
