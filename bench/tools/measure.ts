import { cpuMs } from "../harness/cpu-time.ts";
import { BenchSandbox } from "../harness/bench-sandbox.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { tool } from "../../src/capabilities/tools/tool.ts";

/** 100 bytes as JSON text without spaces. */
const ARGUMENTS = { query: "x".repeat(63), limit: 10, exact: true };

interface Form {
  readonly name: string;
  readonly bound?: number;
  /** A program that makes `count` calls. */
  readonly program: (count: number) => string;
}

const json = JSON.stringify(ARGUMENTS);
const python = json.replace("true", "True");

const LANGUAGES: readonly { readonly language: "javascript" | "python"; readonly forms: readonly Form[] }[] = [
  {
    language: "javascript",
    forms: [
      {
        name: "JavaScript: await of a synchronous tool, 100 B each way",
        bound: 15,
        program: (count) => `var data = ${json}; for (let i = 0; i < ${count}; i++) await tools.echo(data); 0`,
      },
      {
        name: "JavaScript: blocking call of a synchronous tool, 100 B each way",
        bound: 15,
        program: (count) => `var data = ${json}; for (let i = 0; i < ${count}; i++) tools.echo.sync(data); 0`,
      },
      { name: "control: JavaScript, the loop alone", program: (count) => `for (let i = 0; i < ${count}; i++); 0` },
    ],
  },
  {
    language: "python",
    forms: [
      {
        name: "Python: call of a synchronous tool, 100 B each way",
        bound: 30,
        program: (count) => `data = ${python}\nfor _ in range(${count}): tools.echo(data)`,
      },
      {
        name: "Python: await of a synchronous tool, 100 B each way",
        program: (count) => `data = ${python}\nfor _ in range(${count}): await tools.echo(data)`,
      },
      { name: "control: Python, the loop alone", program: (count) => `for _ in range(${count}): pass` },
    ],
  },
];

/** What a tool call costs, from the guest's code to the host's function and back: CPU time of a loop, by its length. */
export const measure: Measure = async ({ smoke }) => {
  const [rounds, count] = smoke ? [1, 50] : [21, 4_000];
  const figures: Figure[] = [];
  for (const { language, forms } of LANGUAGES) {
    const sandbox = await BenchSandbox.create(
      {
        language,
        limits: { fuel: Number.POSITIVE_INFINITY, timeoutMs: 600_000, toolCalls: 10_000_000 },
        tools: { echo: tool({ run: (input) => input }) },
      },
      () => performance.now(),
    );
    const times = forms.map((): number[] => []);
    for (let round = -2; round < rounds; round++) {
      for (const [index, { program }] of forms.entries()) {
        const started = cpuMs();
        const result = await sandbox.run(program(count));
        const micros = ((cpuMs() - started) * 1_000) / count;
        if (result.status !== "ok") throw new Error(`The bench's program failed: ${JSON.stringify(result.status)}`);
        // The first two warm the engine up.
        if (round >= 0 || smoke) times[index]?.push(micros);
      }
    }
    sandbox.close();
    for (const [index, { name, bound }] of forms.entries()) {
      const measured = times[index] ?? [];
      figures.push({
        name,
        value: median(measured),
        unit: "µs",
        rounds: measured,
        ...(bound === undefined ? {} : { bound }),
        note: "CPU time a call; the run's own start and its report are in it, but not the records of `result.calls`, which are made when they are first read",
      });
    }
  }
  return { topic: "tools", figures };
};
