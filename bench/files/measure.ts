import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
// From the sources that the sandbox is made of: directories of another copy of the package are a stranger's, whose every
// answer is checked.
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { BenchSandbox } from "../harness/bench-sandbox.ts";
import { cpuMs } from "../harness/cpu-time.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { withIdleImports } from "./idle-imports.ts";
import type { IdleSwitch } from "./idle-imports.ts";

const SETUP = `
import os
with open("/m/small.txt", "wb") as file: file.write(b"x" * 1024)
def stats(count):
    stat = os.stat
    for _ in range(count): stat("/m/small.txt")
def reads(count):
    opened, read, close = os.open, os.read, os.close
    for _ in range(count):
        fd = opened("/m/small.txt", 0)
        read(fd, 1024)
        close(fd)
`;

const now = (): number => performance.now();

const LARGE_BYTES = 10 * 2 ** 20;

/** What file calls cost a Python guest on a memory directory, above calls that do nothing; and how fast a large host file is read. */
export const measure: Measure = async ({ smoke }) => {
  const rounds = smoke ? 1 : 21;
  const calls = smoke ? 200 : 20_000;
  const options = {
    language: "python",
    limits: { fuel: Number.POSITIVE_INFINITY, timeoutMs: 600_000 },
    files: { "/m": memoryDirectory() },
  } as const;
  const { made: sandbox, idle } = await withIdleImports(async () => await BenchSandbox.create(options, now));
  sandbox.evaluate(SETUP);
  const figures = [
    callFigure("os.stat", 2, compare(sandbox, idle, `stats(${calls})`, rounds, calls)),
    callFigure("os.open, os.read of 1 KiB, os.close", 3, compare(sandbox, idle, `reads(${calls})`, rounds, calls)),
    ...(await largeRead(rounds)),
  ];
  sandbox.close();
  return { topic: "files", figures };
};

interface Compared {
  /** Microseconds a call above idle imports, a round. */
  readonly above: readonly number[];
  /** The same of idle imports against themselves. */
  readonly control: readonly number[];
  readonly idleUs: number;
}

function compare(sandbox: BenchSandbox, idle: IdleSwitch, call: string, rounds: number, calls: number): Compared {
  const timed = (isIdle: boolean): number => {
    // Only while the call runs: the run itself goes through files and the channel too.
    const started = cpuMs();
    idle.idle = isIdle;
    try {
      sandbox.evaluate(call);
    } finally {
      idle.idle = false;
    }
    return ((cpuMs() - started) * 1000) / calls;
  };
  for (let round = 0; round < 3; round++) for (const isIdle of [true, false]) timed(isIdle);
  const above: number[] = [];
  const control: number[] = [];
  const idles: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = timed(true);
    const real = timed(false);
    const second = timed(true);
    above.push(real - (first + second) / 2);
    control.push(second - first);
    idles.push(first);
  }
  return { above, control, idleUs: median(idles) };
}

function callFigure(what: string, bound: number, { above, control, idleUs }: Compared): Figure {
  return {
    name: `Python on a memory directory, above imports that do nothing: ${what}`,
    value: median(above),
    unit: "µs",
    bound,
    rounds: above,
    note: `the guest's own part is ${idleUs.toFixed(2)} µs; control, idle against idle: ${median(control).toFixed(2)} µs`,
  };
}

/** A guest's read of a file on a host directory against Node's own of the same file. */
async function largeRead(rounds: number): Promise<Figure[]> {
  const directory = mkdtempSync(path.join(tmpdir(), "wardian-bench-"));
  const file = path.join(directory, "large.bin");
  writeFileSync(file, new Uint8Array(LARGE_BYTES).fill(7));
  const sandbox = await BenchSandbox.create(
    {
      language: "python",
      limits: { fuel: Number.POSITIVE_INFINITY, timeoutMs: 600_000 },
      files: { "/h": hostDirectory({ path: directory }) },
    },
    now,
  );
  try {
    sandbox.evaluate(`def large():\n    with open("/h/large.bin", "rb") as file: return len(file.read())`);
    const ratios: number[] = [];
    const controls: number[] = [];
    const wall = (run: () => unknown): number => {
      const started = performance.now();
      run();
      return performance.now() - started;
    };
    for (let round = -3; round < rounds; round++) {
      const first = wall(() => readFileSync(file));
      const guest = wall(() => sandbox.evaluate("large()"));
      const second = wall(() => readFileSync(file));
      if (round < 0) continue;
      ratios.push((2 * guest) / (first + second));
      controls.push(second / first);
    }
    return [
      {
        name: "Python, a read of 10 MiB from a host directory / Node's readFileSync of it",
        value: median(ratios),
        unit: "×",
        bound: 4,
        rounds: ratios,
      },
      { name: "control: readFileSync / readFileSync", value: median(controls), unit: "×", rounds: controls },
    ];
  } finally {
    sandbox.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
