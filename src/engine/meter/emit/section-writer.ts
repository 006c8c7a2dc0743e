import { WardianError } from "../../../errors.ts";
import { ByteWriter } from "../../../internal/byte-writer.ts";

/** Writes a module section by section, up to a bound. */
export class SectionWriter {
  readonly #out: ByteWriter;
  readonly #most: number;

  /** `most`: bytes that the result may have; `expected`: that it is likely to have. */
  constructor(most: number, expected: number) {
    this.#most = most;
    this.#out = new ByteWriter(expected);
    this.#out.bytes(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  }

  append(id: number, payload: ByteWriter): void {
    this.#out.byte(id);
    this.#out.u32(payload.length);
    this.#out.bytes(payload.view());
  }

  /** @throws WardianError `module-too-large` */
  check(length: number): void {
    if (length > this.#most)
      throw new WardianError("module-too-large", `Cannot meter module: the result has more than ${this.#most} bytes`);
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.check(this.#out.length);
    return this.#out.finish();
  }
}
