import { fromPortable } from "./portable-error.ts";
import type { GuestMessage, HostMessage, RemoteCall } from "./protocol.ts";

/** Why a worker is no more, for the host's eyes. */
export class WorkerGone extends Error {}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Calls to the sandbox at the other end and their answers. */
export class CallChannel {
  readonly #post: (message: HostMessage) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #gone: WorkerGone | undefined;

  constructor(post: (message: HostMessage) => void) {
    this.#post = post;
  }

  /** Resolves with the answer; rejects with what the other end threw, or with a {@link WorkerGone}. */
  async call(call: RemoteCall): Promise<unknown> {
    if (this.#gone !== undefined) throw this.#gone;
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#post({ kind: "call", id, call });
    });
  }

  /** Takes an answer; one to nothing that was asked is dropped. */
  receive(message: Extract<GuestMessage, { readonly kind: "returned" | "threw" }>): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    if (message.kind === "returned") waiting.resolve(message.value);
    else waiting.reject(fromPortable(message.error));
  }

  /** There is nobody at the other end any more: every call fails, the later ones too. */
  end(why: string): void {
    if (this.#gone !== undefined) return;
    this.#gone = new WorkerGone(why);
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(this.#gone);
  }
}
