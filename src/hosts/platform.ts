import type { TimeSource } from "../capabilities/clock/real-clock.ts";
import type { FileSystem } from "../capabilities/files/file-system.ts";
import type { HttpTransport } from "../capabilities/network/transport/transport.ts";
import type { RuntimeAssets } from "../guests/guest.ts";
import type { HostLine, StartWorker } from "./worker-link.ts";

/**
 * All that the neutral part of the package takes from where it runs. The package import `#platform` is the one for the
 * running platform, chosen by export condition.
 */
export interface Platform extends TimeSource {
  readonly name: "node" | "browser";
  readonly assets: RuntimeAssets;
  /** Sends the requests of sandboxes that were granted a network. */
  readonly transport: HttpTransport;
  /** Milliseconds from an arbitrary start, as fine as the platform has it; never goes back. For deadlines, not for guests. */
  monotonicNow(): number;
  /** Milliseconds since the epoch. */
  wallNow(): number;
  /** Cryptographic random bytes, any length. */
  fillRandom(into: Uint8Array): void;
  /**
   * Runs `body` as that of a function and resolves with what it returns. The text runs as the host's own code: it is for
   * glue that a generator made, from names that were checked.
   */
  evaluate(body: string): Promise<unknown>;
  /** SHA-256 in hexadecimal. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** Resolves after `ms`; rejects with `signal.reason` on abort. Keeps the process alive. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Blocks the thread for `ms`. */
  sleepSync(ms: number): void;
  /** Starts guests on threads of their own. Absent: this platform has none. */
  readonly startThread?: StartWorker | undefined;
  /** Starts guests in processes of their own. Absent: this platform has none. */
  readonly startProcess?: StartWorker | undefined;
  /** On a guest's thread: the way to its host. */
  readonly hostLine?: (() => HostLine | undefined) | undefined;
  /** Opens a directory of the host by its description. Absent: there are none. */
  readonly openDirectory?: ((options: object) => Promise<FileSystem>) | undefined;
  /** Reads a file of the host, of at most `maxBytes`. Absent: there are none. */
  readonly readFile?: ((path: string, maxBytes: number) => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /** Raw DEFLATE (RFC 1951). */
  compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** The other way; rejects for damaged data and for anything but exactly `length` bytes, of which no more are ever held. */
  decompress(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** HMAC-SHA-256 (RFC 2104), 32 bytes. Rejects where the platform has no Web Crypto. */
  authenticate(key: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Resolves after the event loop has had a turn: timers, I/O and messages of the host are served. */
  yieldToEventLoop(): Promise<void>;
}
