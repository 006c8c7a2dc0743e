import { fork } from "node:child_process";

/** Runs a compiled bench script in a process of its own and resolves with the one message that it sends. */
export async function inChild<T>(
  script: string,
  args: readonly string[],
  options: { readonly execArgv?: readonly string[] } = {},
): Promise<T> {
  const child = fork(script, args, { execArgv: ["--expose-gc", ...(options.execArgv ?? [])] });
  return await new Promise<T>((resolve, reject) => {
    let message: { readonly result: T } | undefined;
    child.on("message", (sent) => {
      message = sent as { readonly result: T };
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (code === 0 && message !== undefined) resolve(message.result);
      else reject(new Error(`${script} ${args.join(" ")} ended with ${signal ?? code}`));
    });
  });
}

/** In the child: sends the result and lets the process end. */
export function answer(result: unknown): void {
  process.send?.({ result }, undefined, {}, () => process.disconnect());
}
