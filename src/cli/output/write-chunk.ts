import { once } from "node:events";
import type { OutputChunk } from "../../capabilities/output/output-listener.ts";

/** Passes a guest's output on as it comes. A full pipe holds the guest up, as it would any program. */
export async function writeChunk({ stream, bytes }: OutputChunk): Promise<void> {
  const target = stream === "stdout" ? process.stdout : process.stderr;
  if (target.write(bytes)) return;
  // Whoever reads may go away: then there is nobody to wait for.
  const gone = new AbortController();
  await Promise.race([once(target, "drain", { signal: gone.signal }), once(target, "close", { signal: gone.signal })])
    .catch(() => undefined)
    .finally(() => gone.abort());
}
