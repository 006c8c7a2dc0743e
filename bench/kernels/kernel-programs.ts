import { meter } from "../../src/engine/index.ts";
import { armedGauge } from "../harness/armed-gauge.ts";
import type { FuelGauge } from "../../src/engine/instance/fuel-gauge.ts";

/** An exported kernel and how much of it is about 20 ms. */
export interface Kernel {
  readonly name: string;
  readonly size: number;
  readonly smokeSize: number;
}

export const KERNELS: readonly Kernel[] = [
  { name: "matmul", size: 18, smokeSize: 1 },
  { name: "nbody", size: 130_000, smokeSize: 100 },
  { name: "sha256", size: 50, smokeSize: 1 },
  { name: "sort", size: 5, smokeSize: 1 },
  { name: "mandelbrot", size: 180, smokeSize: 10 },
  { name: "fannkuch", size: 9, smokeSize: 5 },
  { name: "crc32", size: 120, smokeSize: 1 },
  { name: "sieve", size: 25, smokeSize: 1 },
  { name: "queens", size: 11, smokeSize: 5 },
];

export type KernelExports = Readonly<Record<string, (size: number) => number>>;

/** Throws if the compiled module does not have it. */
export function kernelOf(exports: KernelExports, { name }: Kernel): (size: number) => number {
  const kernel = exports[name];
  if (kernel === undefined) throw new Error(`The kernels have no "${name}"`);
  return kernel;
}

export function plainKernels(bytes: Uint8Array<ArrayBuffer>): KernelExports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as unknown as KernelExports;
}

export function meteredKernels(bytes: Uint8Array<ArrayBuffer>): {
  readonly exports: KernelExports;
  readonly gauge: FuelGauge;
} {
  const metered = meter(bytes);
  const { gauge, cell } = armedGauge();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), {
    wardian: { exhausted: cell.exhausted },
  });
  cell.attach(exports[metered.fuelExport] as WebAssembly.Global<"i32">);
  return { exports: exports as unknown as KernelExports, gauge };
}
