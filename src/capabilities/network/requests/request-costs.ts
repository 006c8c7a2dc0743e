/** Fuel for a request beside its bytes: the host parses, checks, connects; about a hundred microseconds. */
export const REQUEST_UNITS = 1_000_000;
export const READ_UNITS = 20_000;
/** Fuel for each byte that is parsed, copied and searched for secrets. */
export const BYTE_UNITS = 4;
