import type { Measure } from "../harness/report.ts";
import { measureComponents } from "./components.ts";
import { measureFileCalls } from "./file-calls.ts";

/** What the caller's own binaries cost beyond their code: file calls, component calls, loading. */
export const measure: Measure = async ({ smoke }) => ({
  topic: "guests",
  figures: [
    ...(await measureFileCalls(smoke ? 1 : 21, smoke ? 500 : 50_000)),
    ...(await measureComponents(smoke ? 1 : 15, smoke ? 20 : 2_000)),
  ],
});
