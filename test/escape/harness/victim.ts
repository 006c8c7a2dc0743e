// The process in which attacks take place, one at a time: what they do to it is seen by the one that started it.
import { WardianError } from "../../../src/index.ts";
import { attacksOf } from "./corpus.ts";
import { CLASSES } from "./classes.ts";
import { Scene } from "./scene.ts";
import type { Answer, Order } from "./victim-process.ts";

const scene = new Scene();

process.on("message", (order: Order) => {
  // A rejection here is a defect of the harness: it ends the process, as any that nobody handles.
  void answer(order).then((said) => process.send?.(said));
});
process.on("disconnect", () => {
  scene.close();
  process.exit();
});
process.send?.({ ready: true });

async function answer({ letter, id, execution = "inline" }: Order): Promise<Answer> {
  const kind = CLASSES.find((candidate) => candidate.letter === letter);
  const attack = kind === undefined ? undefined : attacksOf(kind).find((candidate) => candidate.id === id);
  if (attack === undefined) return { problem: `there is no attack ${id}` };
  try {
    await scene.begin(execution);
    let inapplicable = false;
    try {
      await attack.attempt(scene);
    } catch (error) {
      if (execution === "inline" || !isUnsupported(error)) throw error;
      inapplicable = true;
    }
    await scene.end();
    return inapplicable ? { inapplicable } : {};
  } catch (error) {
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** What an execution does not have is refused when it is asked for, with this code. */
function isUnsupported(error: unknown): boolean {
  return error instanceof WardianError && error.code === "unsupported";
}
