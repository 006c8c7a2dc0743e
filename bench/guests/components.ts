import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco";
import { createFuelGauge } from "wardian/engine";
import { component, Sandbox } from "wardian";
import { loadComponent } from "../../src/guests/component/load-component.ts";
import { platform } from "../../src/hosts/node/platform.ts";
import { cpuMs } from "../harness/cpu-time.ts";
import type { Figure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { instantiateComponent } from "../../src/guests/component/component-instance.ts";

const MEBIBYTE = 2 ** 20;
const MEMORY_BYTES = 64 * MEBIBYTE;

/** A component that gives back the text that it gets, with about `bytes` bytes of code beside it. */
async function echoComponent(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const filler: string[] = [];
  // About 260 bytes of arithmetic, branches and memory accesses each, no two alike.
  for (let index = 0; index * 260 < bytes; index++) {
    const lines: string[] = [];
    for (let step = 0; step < 6; step++) {
      const seed = (index * 31 + step * 7) & 0xffff;
      lines.push(`(if (i32.gt_u (local.get 0) (i32.const ${seed}))
        (then (local.set 0 (i32.add (i32.load offset=${seed & 0xff} (i32.and (local.get 0) (i32.const 1023))) (i32.const ${seed}))))
        (else (local.set 0 (i32.xor (i32.mul (local.get 0) (i32.const ${seed + 3})) (i32.const ${seed * 5})))))`);
    }
    filler.push(`(func $f${index} (param i32) (result i32) ${lines.join("\n")} (local.get 0))`);
  }
  const core = `(module
    (memory (export "memory") 1) (global $next (mut i32) (i32.const 4096))
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (global.get $next))
    (func (export "echo") (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
    (table 1 funcref) ${filler.join("\n")})`;
  const witSource = "package a:b; world w { export echo: func(text: string) -> string; }";
  const embedded = await componentEmbed({ binary: Uint8Array.from(await parse(core)), witSource, world: "w" });
  return Uint8Array.from(await componentNew(embedded, []));
}

/** Calls with a KiB of text, and what it takes to load a component of a MiB. */
export async function measureComponents(rounds: number, calls: number): Promise<readonly Figure[]> {
  return [...(await measureCalls(rounds, calls)), ...(await measureLoading(Math.min(rounds, 7)))];
}

async function measureCalls(rounds: number, calls: number): Promise<readonly Figure[]> {
  const bytes = await echoComponent(0);
  const text = "x".repeat(1_024);
  const fuel = createFuelGauge({ now: () => performance.now() });
  const prepared = await loadComponent(bytes, { ...platform, memoryBytes: MEMORY_BYTES });
  fuel.arm({ fuel: Number.POSITIVE_INFINITY });
  const made = fuel.enter(() => instantiateComponent(prepared, {}, fuel));
  if (made.kind !== "returned") throw new Error(`the component does not start: ${JSON.stringify(made)}`);
  const echo = made.value.exports["echo"] as (text: string) => string;
  const sandbox = await Sandbox.create({ guest: component(bytes), limits: { fuel: Number.POSITIVE_INFINITY } });
  const direct: number[] = [];
  const whole: number[] = [];
  for (let round = -3; round < rounds; round++) {
    let started = cpuMs();
    for (let call = 0; call < calls; call++)
      if (fuel.enter(() => echo(text)).kind !== "returned") throw new Error("stopped");
    const directMs = cpuMs() - started;
    started = cpuMs();
    for (let call = 0; call < calls / 10; call++) await sandbox.call("echo", text);
    const wholeMs = cpuMs() - started;
    if (round < 0) continue;
    direct.push((directMs * 1_000) / calls);
    whole.push((wholeMs * 10_000) / calls);
  }
  sandbox.close();
  return [
    {
      name: "component call with a 1 KiB string, there and back",
      value: median(direct),
      unit: "µs",
      bound: 20,
      rounds: direct,
    },
    { name: "the same through sandbox.call, its report included", value: median(whole), unit: "µs", rounds: whole },
  ];
}

async function measureLoading(rounds: number): Promise<readonly Figure[]> {
  const bytes = await echoComponent(MEBIBYTE);
  const loads: number[] = [];
  const cached: number[] = [];
  // The first loads and warms jco's generator, which is once in a process.
  for (let round = -1; round < rounds; round++) {
    const other = withComment(bytes, round + 1);
    let started = cpuMs();
    (await Sandbox.create({ guest: component(other) })).close();
    const loadMs = cpuMs() - started;
    started = cpuMs();
    (await Sandbox.create({ guest: component(other) })).close();
    if (round < 0) continue;
    loads.push(loadMs);
    cached.push(cpuMs() - started);
  }
  const note = `${(bytes.length / MEBIBYTE).toFixed(2)} MiB; CPU time, sandbox included`;
  return [
    {
      name: "load of a 1 MiB component: decode, meter, compile",
      value: median(loads),
      unit: "ms",
      bound: 400,
      rounds: loads,
      note,
    },
    {
      name: "load of the same component from the cache",
      value: median(cached),
      unit: "ms",
      bound: 10,
      rounds: cached,
      note,
    },
  ];
}

/** The same component with a custom section, so that its digest is another. */
function withComment(bytes: Uint8Array<ArrayBuffer>, number: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length + 5);
  copy.set(bytes);
  copy.set([0, 3, 1, 0x63, number & 0xff], bytes.length);
  return copy;
}
