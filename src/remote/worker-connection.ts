import type { RuntimeAssets } from "../guests/guest.ts";
import type { HostFilesNeeded, StartWorker, WorkerLink } from "../hosts/worker-link.ts";
import { CallChannel } from "./call-channel.ts";
import type { GuestMessage, HostMessage, Question } from "./protocol.ts";
import { readMessage, readQuestion } from "./read-message.ts";
import type { RunStretch } from "./run-stretch.ts";

export interface ConnectionEvents {
  /** The run that messages and questions are about. */
  readonly running: () => RunStretch | undefined;
  /** The worker has ended, or sent what no worker of ours sends: it is to be ended. */
  readonly onBroken: (why: string) => void;
}

/** The host's end of a worker: calls to it, and what comes from it, each checked and passed to where it belongs. */
export class WorkerConnection {
  readonly link: WorkerLink;
  readonly channel: CallChannel;
  readonly #assets: RuntimeAssets;
  readonly #events: ConnectionEvents;

  constructor(start: StartWorker, files: HostFilesNeeded, assets: RuntimeAssets, events: ConnectionEvents) {
    this.#assets = assets;
    this.#events = events;
    this.link = start(
      {
        onMessage: (message) => this.#receive(readMessage(message)),
        onQuestion: (ticket, question) => this.#ask(ticket, readQuestion(question)),
        onExit: (why) => events.onBroken(why),
      },
      files,
    );
    this.channel = new CallChannel((message) => this.link.post(message));
  }

  end(why: string): void {
    this.link.terminate();
    this.channel.end(why);
  }

  #receive(message: GuestMessage | undefined): void {
    const running = this.#events.running();
    switch (message?.kind) {
      case "returned":
      case "threw":
        this.channel.receive(message);
        break;
      case "want-module":
        void this.#sendModule(message.name);
        break;
      case "output":
        running?.deliver(message.chunk);
        break;
      case "cancel":
        if (message.run === running?.number) running.calls.cancel(message.request);
        break;
      case undefined:
        this.#events.onBroken("the worker sent something that is no message");
    }
  }

  /** Compiled once in a process, however many threads use it. The loader takes only names of artefacts. */
  async #sendModule(name: string): Promise<void> {
    let module: WebAssembly.Module | undefined;
    try {
      module = await this.#assets.module(name);
    } catch {
      // The other end tries for itself, and says what is wrong.
    }
    this.link.post({ kind: "module", name, module } satisfies HostMessage);
  }

  #ask(ticket: number, question: Question | undefined): void {
    const calls = this.#events.running()?.calls;
    if (calls === undefined || question === undefined)
      this.#events.onBroken("the worker asked something that is no question");
    else
      calls.answer(ticket, question).catch((error: unknown) => {
        this.#events.onBroken(`a host function failed: ${error instanceof Error ? error.message : String(error)}`);
      });
  }
}
