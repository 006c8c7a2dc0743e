/** The interfaces that a part of WASI consists of, by name without version, as jco's glue imports them. */
export type Interfaces = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
