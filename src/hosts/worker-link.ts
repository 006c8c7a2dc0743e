/**
 * What ties a host to a guest on another thread or in another process: messages both ways, questions for whose answer the
 * guest's thread sleeps, and a flag that is seen while it computes. What travels is plain data (structured clone).
 */

/** The guest's end, as its host holds it. */
export interface WorkerLink {
  post(message: unknown): void;
  /** Whether compiled modules can be posted: the other end is in this process. */
  readonly takesModules: boolean;
  /** Answers the question of that ticket; the thread that asked wakes up. */
  answer(ticket: number, answer: WorkerAnswer): void;
  /** Raises the flag for a run: its guest sees it at its next slice, or in its sleep. False: it can't be seen from there. */
  interrupt(run: number): boolean;
  /** Whether this process has to stay alive for the worker. It starts as kept. */
  keepAlive(keep: boolean): void;
  /** Ends it at once, whatever it does; `onExit` is not called. */
  terminate(): void;
}

/** What a host hears from a worker. Everything is hostile: a guest may have broken out of its engine there. */
export interface WorkerEvents {
  onMessage(message: unknown): void;
  onQuestion(ticket: number, question: unknown): void;
  /** It has ended by itself: the text says how, for the host's eyes. */
  onExit(why: string): void;
}

/** `files`: what a process is to be able to do with files of its host. A thread has what its process has. */
export type StartWorker = (events: WorkerEvents, files: HostFilesNeeded) => WorkerLink;

/** What a guest's side does with files of the host: reads those of this package only, reads others, or writes some. */
export type HostFilesNeeded = "package" | "read" | "write";

/** What a question is answered with. */
export interface WorkerAnswer {
  /** JSON data. */
  readonly reply: unknown;
  readonly bytes?: Uint8Array | undefined;
  /** Fuel that the host's work costs the guest. */
  readonly units: number;
}

/** The host's end, as the worker holds it. */
export interface HostLine {
  post(message: unknown): void;
  /** One listener. */
  onMessage(listener: (message: unknown) => void): void;
  /** Sleeps until the answer; undefined after `timeoutMs` or when the run is interrupted. Absent: this thread can't sleep. */
  readonly ask?: ((question: unknown, timeoutMs: number, run: number) => WorkerAnswer | undefined) | undefined;
  /** Whether threads of this kind may have less stack than their platform's main thread. Default: no. */
  readonly shortStack?: boolean | undefined;
  /** Whether the host has raised the flag for this run. */
  interrupted(run: number): boolean;
}
