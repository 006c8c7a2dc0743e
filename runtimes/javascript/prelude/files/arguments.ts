import { SafeTypeError } from "../intrinsics.ts";
import { bytesOf } from "../encode-value.ts";
import { decodeUtf8 } from "../web/utf8.ts";

/** A number names a standard stream: 0 can be read, 1 and 2 written. */
export type Path = string | URL | number;
export type Encoding = string | null | undefined | { readonly encoding?: string | null; readonly flag?: string };

export function pathOf(path: unknown): string {
  if (typeof path === "string") {
    if (path.indexOf("\0") >= 0) throw new SafeTypeError("The path must be a string without null bytes");
    return path;
  }
  const { protocol, pathname } = (path ?? {}) as Partial<URL>;
  if (protocol === "file:" && typeof pathname === "string") return decodeURIComponent(pathname);
  const bytes = bytesOf(path);
  if (bytes !== undefined) return decodeUtf8(bytes, false, true);
  throw new SafeTypeError(
    `The "path" argument must be a string, a URL or bytes. Received ${path === null ? "null" : typeof path}`,
  );
}

export function encodingOf(options: Encoding): string | undefined {
  const encoding = typeof options === "string" ? options : (options?.encoding ?? undefined);
  return encoding === undefined || encoding === "buffer" ? undefined : encoding.toLowerCase();
}
