import { open } from "node:fs/promises";

/** Reads a regular file. Rejects for anything else, such as an endless device, and for more than `maxBytes`. */
export async function readWholeFile(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await open(path);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new TypeError("it is no regular file");
    if (stat.size > maxBytes) throw new RangeError(`it is larger than ${maxBytes} bytes`);
    const bytes = new Uint8Array(stat.size);
    for (let at = 0; at < bytes.length;) {
      const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
      if (bytesRead === 0) throw new RangeError("it became shorter while it was read");
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
