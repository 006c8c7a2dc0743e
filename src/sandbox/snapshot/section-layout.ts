/*
 * All integers are little-endian u32.
 *
 *   0 magic   4 version   8 length of all in bytes, signature included   12 flags   16 number of sections
 *  20 per section: name (four letters), method (0 as it is, 1 raw DEFLATE), stored length, unpacked length, checksum of
 *     the stored bytes
 *     checksum of everything up to here
 *     the stored bytes of each section, one after the other
 *     if signed: HMAC-SHA-256 of everything up to here (32 bytes)
 */

export const FLAGS_AT = 12;
export const LENGTH_AT = 8;
export const COUNT_AT = 16;
export const TABLE_AT = 20;
export const ENTRY_BYTES = 20;
export const SIGNATURE_BYTES = 32;
export const FLAG_SIGNED = 1;

/** Where the checksum of the header stands, behind the table of so many sections. */
export function headerChecksumAt(count: number): number {
  return TABLE_AT + count * ENTRY_BYTES;
}
