/** What one run used, filled in for every outcome. */
export interface Usage {
  /** Fuel units, host work included. */
  readonly fuel: number;
  /** Milliseconds of the host's monotonic clock from the call of `run` to its result. */
  readonly wallMs: number;
  /** Bytes of linear memory at the end of the run, which is its peak: linear memory never shrinks while a guest lives. */
  readonly memoryBytes: number;
  /** Bytes that the guest wrote to stdout and stderr, dropped ones included. */
  readonly outputBytes: number;
  readonly toolCalls: number;
  /** Bytes that the guest read from files plus bytes that it wrote to them. */
  readonly fileBytes: number;
  /** HTTP requests that went out, redirects included. */
  readonly requests: number;
  /** Bytes of those requests and of their responses, headers included, after decompression. */
  readonly networkBytes: number;
}
