/** One request as the caller of `run` sees it. */
export interface RequestRecord {
  readonly method: string;
  /** Origin and path of what was asked for, without the query; secrets masked. */
  readonly url: string;
  readonly outcome: "response" | "error" | "pending";
  /** Of the last response. */
  readonly status?: number;
}

/** The same while the request is under way. */
export type MutableRecord = { -readonly [K in keyof RequestRecord]: RequestRecord[K] };
