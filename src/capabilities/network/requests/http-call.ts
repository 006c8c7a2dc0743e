import { MaskedBytes } from "../policy/mask-bytes.ts";
import type { MutableRecord } from "./request-record.ts";
import type { Secret } from "../policy/secrets.ts";
import type { BlockingResponse, TransportRequest } from "../transport/transport.ts";

/** How much of a body is read ahead of the guest. Small responses so end, and free their place, before anybody reads them. */
const READ_AHEAD = 262_144;

/** Nobody sees it. Without a reason each abort would make an exception with its stack, for every request. */
const OVER = "the request is over";

/** The state of one request: what has arrived and was not taken, and who waits for what. */
export class HttpCall {
  readonly id: number;
  readonly record: MutableRecord;
  readonly #abort = new AbortController();
  #pieces: Uint8Array[] = [];
  #buffered = 0;
  #mask = new MaskedBytes([]);
  #makeRoom: (() => void) | undefined;
  /** All of the body is here, or was taken. */
  ended = false;
  failure: { readonly name: string; readonly message: string } | undefined;
  /** Whether the guest was told how the request went. */
  headSent = false;
  /** Whether the guest waits for more of the body. */
  waiting = false;
  /** The guest gave it up, or its run is over. */
  cancelled = false;
  blocking: BlockingResponse | undefined;
  /** How long it may take, and whether that is the guest's own wish. */
  readonly timeoutMs: number;
  readonly ownTimeout: boolean;
  /** For blocking waits, on the host's monotonic clock. */
  deadline = 0;

  /** What goes out, or went out last. */
  hop: TransportRequest;

  constructor(
    id: number,
    record: MutableRecord,
    first: TransportRequest,
    limitMs: number,
    wishedMs: number | undefined,
  ) {
    this.ownTimeout = wishedMs !== undefined && wishedMs < limitMs;
    this.timeoutMs = Math.min(limitMs, wishedMs ?? limitMs);
    this.id = id;
    this.hop = first;
    this.record = record;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Nothing to take, and more to come. */
  get idle(): boolean {
    return this.#buffered === 0 && !this.ended && this.failure === undefined;
  }

  /** The head is there; its request had these secrets in it, which its body may echo. */
  accept(sent: readonly Secret[]): void {
    this.#mask = new MaskedBytes(sent);
  }

  /** A piece of the body; undefined is its end. */
  put(piece: Uint8Array | undefined): void {
    const masked = this.#mask.push(piece ?? new Uint8Array(0), piece === undefined);
    if (masked.length > 0) this.#pieces.push(masked);
    this.#buffered += masked.length;
    if (piece === undefined) this.ended = true;
  }

  take(most: number): Uint8Array | undefined {
    const [first] = this.#pieces;
    if (first === undefined) return undefined;
    const piece = first.subarray(0, most);
    if (piece.length === first.length) this.#pieces.shift();
    else this.#pieces[0] = first.subarray(most);
    this.#buffered -= piece.length;
    if (this.#buffered < READ_AHEAD) this.#makeRoom?.();
    return piece;
  }

  /** Resolves when the guest has taken enough for more to be read, or there is no more use in it. */
  async room(): Promise<void> {
    if (this.#buffered < READ_AHEAD || this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#makeRoom = resolve;
    });
  }

  cancel(): void {
    this.cancelled = true;
    this.#pieces = [];
    this.#buffered = 0;
    this.abort();
    this.blocking?.cancel();
  }

  abort(): void {
    this.#abort.abort(OVER);
    this.#makeRoom?.();
  }

  /** The transport is through with it: ends the timer that waits on the signal. What has arrived stays. */
  release(): void {
    this.#abort.abort(OVER);
  }
}
