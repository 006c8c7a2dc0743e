import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StartWorker } from "../../worker-link.ts";
import { dist, permissionFlags } from "./process-permissions.ts";
import type { FromRelay, ToRelay } from "./relay-protocol.ts";

// Right from src/hosts/node/workers (tests) and from dist/hosts/node/workers (the package).
const script = fileURLToPath(new URL("../../../../dist/hosts/node/workers/process-relay.js", import.meta.url));

/** The engine's own heap in the child; a guest's memory is not part of it. */
const HEAP_MEGABYTES = 512;

/** What is kept of what a dying child says, in characters. */
const LAST_WORDS = 2_000;

/**
 * Starts a guest in a process of its own: nothing of this one's environment, working directory, flags or open files goes
 * with it. The child's main thread only relays, so that it hears a stop while the guest computes.
 */
export const startProcess: StartWorker = (events, files) => {
  const flags = [`--max-old-space-size=${HEAP_MEGABYTES}`, "--disable-proto=delete", ...permissionFlags(files)];
  const child = spawn(process.execPath, [...flags, script], {
    env: {},
    cwd: dist,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
    windowsHide: true,
  });
  let over = false;
  let lastWords = "";
  const end = (why: string): void => {
    if (over) return;
    over = true;
    events.onExit(why);
  };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lastWords = (lastWords + text).slice(-LAST_WORDS);
  });
  const tell = (message: ToRelay): void => {
    if (!over && child.connected) child.send(message, () => undefined);
  };
  child.on("message", (message: unknown) => {
    if (over) return;
    const from = message as Partial<FromRelay> | null;
    if (from?.kind === "message") events.onMessage(from.message);
    else if (from?.kind === "question" && typeof from.ticket === "number")
      events.onQuestion(from.ticket, from.question);
    else if (from?.kind === "exit") end(String(from.why));
  });
  child.on("error", (error) => end(error.message));
  child.on("exit", (code, signal) =>
    end(`the process ended with ${signal ?? `code ${code}`}${lastWords === "" ? "" : `: ${lastWords.trim()}`}`),
  );
  return {
    takesModules: false,
    post: (message) => tell({ kind: "post", message }),
    answer: (ticket, answer) => tell({ kind: "answer", ticket, answer }),
    interrupt: (run) => {
      tell({ kind: "interrupt", run });
      return true;
    },
    keepAlive: (keep) => {
      if (keep) child.ref();
      else child.unref();
      const { channel, stderr } = child;
      if (keep) channel?.ref();
      else channel?.unref();
      // The pipe has a handle of its own; the type of a stream does not say so.
      const pipe = stderr as { ref?: () => void; unref?: () => void } | null;
      if (keep) pipe?.ref?.();
      else pipe?.unref?.();
    },
    terminate: () => {
      over = true;
      child.kill("SIGKILL");
    },
  };
};
