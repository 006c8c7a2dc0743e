import path from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    alias: {
      // The tests run the sources; the runtimes come from dist, where `npm ci` built them.
      "#platform": path.resolve(import.meta.dirname, "src/hosts/node/platform.ts"),
    },
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: more workers only add noise to the deadline tests.
    maxWorkers: 2,
    // The built package as Node runs it: what meters tens of megabytes is several times slower as instrumented sources.
    server: { deps: { external: [/\/dist\/(?!runtimes)/] } },
  },
});
