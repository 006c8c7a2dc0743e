import { WardianError } from "../../errors.ts";

/** HMAC-SHA-256 by Web Crypto. */
export async function authenticate(
  key: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  // A page that was not loaded over https has the object without this part.
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined)
    throw new WardianError("unsupported", "Cannot sign: this platform has no crypto.subtle (a page needs https)");
  const imported = await subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, bytes));
}
