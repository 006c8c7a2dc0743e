import { inspect } from "../../engine/index.ts";
import { findUnsealedImports } from "../../guests/sealed-imports.ts";
import { readBytes } from "../input/read-source.ts";
import { UsageError } from "../input/usage-error.ts";

/** `wardian run x.wasm`: says why the module cannot run here. */
export async function refuseModule(file: string): Promise<never> {
  const unsealed = findUnsealedImports(inspect(await readBytes(file)));
  const [first] = unsealed;
  if (first !== undefined) {
    const more = unsealed.length === 1 ? "" : ` and ${unsealed.length - 1} more`;
    throw new UsageError(
      `cannot run "${file}": it is not sealed: it imports ${JSON.stringify(first.module)} ${JSON.stringify(first.name)}${more}, which no sandbox provides; "wardian inspect ${file}" lists them`,
    );
  }
  throw new UsageError(
    `cannot run "${file}": this version runs JavaScript, TypeScript and Python sources; "wardian meter" meters a module for a host of your own`,
  );
}
