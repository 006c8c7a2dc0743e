import type { ToolSettlement } from "../capabilities/tools/tool-calls.ts";
import type { OutputChunk } from "../capabilities/output/output-listener.ts";
import type { FileRequest } from "../sandbox/file-requests.ts";
import type { PortableError } from "./portable-error.ts";
import type { PortableOptions, PortableRunOptions } from "./portable-options.ts";

/** What a host asks of the sandbox at the other end, one at a time. Each call is answered by `returned` or `threw`. */
export type RemoteCall =
  | { readonly method: "create"; readonly options: PortableOptions; readonly sharesModules: boolean }
  /** `run` counts the runs of the sandbox, from 1. */
  | {
      readonly method: "run";
      readonly run: number;
      readonly source: string;
      readonly options: PortableRunOptions;
      readonly action: string;
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
