import type { ToolSettlement } from "../capabilities/tools/tool-calls.ts";
import type { OutputChunk } from "../capabilities/output/output-listener.ts";
import type { StoredCall } from "../capabilities/tools/deferred-calls.ts";
import type { SpentPowers } from "../sandbox/local/run-calls.ts";
import type { FileRequest } from "../sandbox/file-requests.ts";
import type { PortableError } from "./portable-error.ts";
import type { PortableOptions, PortableRunOptions } from "./portable-options.ts";

/** What a sandbox goes on from: an unsigned snapshot. */
export interface PortableState {
  readonly snapshot: Uint8Array;
  /** Digest of what the sandbox may do; undefined: any snapshot's is accepted. */
  readonly policy: Uint8Array | undefined;
  /** What its random numbers are told from others' by; undefined: they go on as they were. */
  readonly label: string | undefined;
  /** Bytes that it may unpack to; undefined: the default. */
  readonly maxBytes: number | undefined;
}

/** What a host asks of the sandbox at the other end, one at a time. Each call is answered by `returned` or `threw`. */
export type RemoteCall =
  /** Answers with the suspended run of `from`, if it has one. */
  | {
      readonly method: "create";
      readonly options: PortableOptions;
      readonly sharesModules: boolean;
      readonly from: PortableState | undefined;
    }
  /** `run` counts the runs of the sandbox, from 1. */
  | {
      readonly method: "run";
      readonly run: number;
      readonly source: string;
      readonly options: PortableRunOptions;
      readonly action: string;
    }
  /** The next stretch of a suspended run; what its calls came to follows as settlements. */
  | { readonly method: "resume"; readonly run: number; readonly answered: readonly number[] }
  /** `powers`: what a suspended run has used of the host's. Unsigned: the key stays with the host. */
  | {
      readonly method: "snapshot";
      readonly whole: boolean;
      readonly pack: boolean;
      readonly policy: Uint8Array;
      readonly powers: SpentPowers | undefined;
    }
  | { readonly method: "files"; readonly request: FileRequest; readonly action: string }
  | { readonly method: "reset" };

/** From the host. */
export type HostMessage =
  | { readonly kind: "call"; readonly id: number; readonly call: RemoteCall }
  /** Tool calls and requests that have ended, with what the host's work for them costs. */
  | {
      readonly kind: "settled";
      readonly run: number;
      readonly settlements: readonly ToolSettlement[];
      readonly units: number;
    }
  /** A tool call that its caller answers: with the others it suspends the run. */
  | { readonly kind: "deferred"; readonly run: number; readonly call: StoredCall }
  /** A compiled module that was asked for; absent: it can't be had, load your own. */
  | { readonly kind: "module"; readonly name: string; readonly module: WebAssembly.Module | undefined }
  /** End the run, should it be waiting; one that computes sees the flag. */
  | { readonly kind: "stop"; readonly run: number };

/** From the guest's side. */
export type GuestMessage =
  | { readonly kind: "returned"; readonly id: number; readonly value: unknown }
  | { readonly kind: "threw"; readonly id: number; readonly error: PortableError }
  /** Wants an artefact of the package that this process has compiled already. */
  | { readonly kind: "want-module"; readonly name: string }
  | { readonly kind: "output"; readonly chunk: OutputChunk }
  | { readonly kind: "cancel"; readonly run: number; readonly request: number };

/** What a guest's thread asks its host, asleep. */
export type Question =
  | {
      readonly power: "tool";
      readonly run: number;
      readonly name: string;
      readonly json: string;
      readonly blocking: boolean;
      readonly fuelUsed: number;
    }
  | {
      readonly power: "http-start";
      readonly run: number;
      readonly json: string;
      readonly body: Uint8Array;
      readonly blocking: boolean;
      readonly remainingMs: number;
    }
  | { readonly power: "http-read"; readonly run: number; readonly request: number; readonly maxBytes: number }
  | { readonly power: "input"; readonly run: number; readonly maxBytes: number };
