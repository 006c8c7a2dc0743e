/** What a guest is told about its process: nothing comes from the host's own environment. */
export interface Environment {
  readonly env: ReadonlyMap<string, string>;
  readonly args: readonly string[];
}

/** Standard input, pulled by the guest. Synchronous: the bytes are there before the run starts. */
export interface InputSource {
  /** Copies up to `into.length` bytes and returns how many; 0 is the end of the input. */
  read(into: Uint8Array): number;
  /** What is left to read, for a run that is suspended. Absent: it goes on with the source itself. */
  rest?(): Uint8Array;
}
