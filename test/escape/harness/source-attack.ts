import { tool } from "../../../src/index.ts";
import type { Language, RunOptions, SandboxOptions, Tool } from "../../../src/index.ts";
import type { Attack, AttackClass, CorpusEntry } from "./attack.ts";
import type { Check } from "./outcomes.ts";
import type { Scene } from "./scene.ts";

export interface SourceOptions {
  readonly language: Language;
  readonly options?: Omit<Partial<SandboxOptions>, "language">;
  readonly run?: RunOptions;
  /** Run before the attack, in the same sandbox. */
  readonly before?: string;
}

/** An attack that is a source: it runs in a sandbox of its own. "FOLDER" in it is where the host's secret file lies. */
export function sourceAttempt(
  source: string,
  check: Check,
  { language, options, run, before }: SourceOptions,
): Attack["attempt"] {
  return async (scene: Scene) => {
    const sandbox = await scene.sandbox({ language, tools: hostTools(scene), ...options });
    if (before !== undefined) await scene.run(sandbox, before);
    const result = await scene.run(sandbox, source.replaceAll("FOLDER", scene.canaries.folder), run);
    await check(result, sandbox);
  };
}

/** Sources of the corpus by id, with what each must come to. */
export function sourcesOfCorpus(
  checks: Readonly<Record<string, Check>>,
  options: SourceOptions,
  adapt: (entry: CorpusEntry) => string = ({ code }) => code,
): AttackClass["corpus"] {
  return new Map(
    Object.entries(checks).map(([id, check]) => [
      id,
      (entry: CorpusEntry) => sourceAttempt(adapt(entry), check, options),
    ]),
  );
}

/** Sources of ours with what each must come to, numbered. */
export function sourceVariants(
  letter: string,
  sources: readonly (readonly [source: string, check: Check])[],
  options: SourceOptions,
): readonly Attack[] {
  return sources.map(([source, check], index) => ({
    id: `${letter}+${index + 1}`,
    title: source.replaceAll(/\s+/g, " ").slice(0, 80),
    attempt: sourceAttempt(source, check, options),
  }));
}

/** Host functions for attacks to get out through: one that answers, one that fails with a secret, one that is late. */
function hostTools({ canaries }: Scene): Record<string, Tool> {
  return {
    call: tool({ run: (input) => ({ seen: Object.keys(Object.assign({}, input as object)).length }) }),
    fail: tool({
      run: () => {
        throw new Error(canaries.variable);
      },
    }),
    later: tool({ run: async () => await new Promise((resolve) => setTimeout(resolve, 2, "late")) }),
  };
}
