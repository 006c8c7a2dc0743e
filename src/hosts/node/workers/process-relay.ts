/** The main thread of a guest process: passes messages between the host and the thread of the guest. Started by process.ts. */
import type { WorkerEvents } from "../../worker-link.ts";
import type { FromRelay, ToRelay } from "./relay-protocol.ts";
import { threadPermissionFlags } from "./process-permissions.ts";
import { startGuestThread } from "./thread.ts";

const tell = (message: FromRelay): void => {
  if (process.connected) process.send?.(message);
};

const relay: WorkerEvents = {
  onMessage: (message) => tell({ kind: "message", message }),
  onQuestion: (ticket, question) => tell({ kind: "question", ticket, question }),
  onExit: (why) => {
    tell({ kind: "exit", why });
    process.disconnect?.();
  },
};
const guest = startGuestThread(relay, threadPermissionFlags(process.execArgv));

process.on("message", (message: ToRelay) => {
  switch (message.kind) {
    case "post":
      guest.post(message.message);
      break;
    case "answer":
      guest.answer(message.ticket, message.answer);
      break;
    case "interrupt":
      guest.interrupt(message.run);
      break;
  }
});

// A guest must not outlive its host.
process.on("disconnect", () => process.exit(0));
