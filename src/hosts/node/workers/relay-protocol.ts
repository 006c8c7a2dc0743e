import type { WorkerAnswer } from "../../worker-link.ts";

/** What a host tells the main thread of a guest process, which passes it on to the guest's thread. */
export type ToRelay =
  | { readonly kind: "post"; readonly message: unknown }
  | { readonly kind: "answer"; readonly ticket: number; readonly answer: WorkerAnswer }
  | { readonly kind: "interrupt"; readonly run: number };

/** What it hears from there. */
export type FromRelay =
  | { readonly kind: "message"; readonly message: unknown }
  | { readonly kind: "question"; readonly ticket: number; readonly question: unknown }
  | { readonly kind: "exit"; readonly why: string };
