import type { OutputSink, OutputStream as StreamName } from "../../capabilities/output.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { CALL_UNITS } from "./guarded.ts";

/** `wasi:io/error.error`. None is ever made: the sink takes everything and drops what is over the limit. */
export class IoError {
  toDebugString(): string {
    return "output closed";
  }
}

/** Lifting, copying, keeping, and decoding for a listener. */
const UNITS_PER_BYTE = 4;

/**
 * `wasi:io/streams.output-stream` over one of the two standard streams. Takes any length at once; the interface
 * promises no more than 4,096 bytes. Charges for the call and by the byte, since the sink copies and keeps.
 */
export class OutputStream {
  readonly #sink: OutputSink;
  readonly #name: StreamName;
  readonly #fuel: FuelGauge;

  constructor(sink: OutputSink, name: StreamName, fuel: FuelGauge) {
    this.#sink = sink;
    this.#name = name;
    this.#fuel = fuel;
  }

  checkWrite(): bigint {
    return 4_096n;
  }

  write(contents: Uint8Array): void {
    if (this.#fuel.stopping || !this.#fuel.charge(CALL_UNITS + contents.length * UNITS_PER_BYTE)) return;
    try {
      this.#sink.write(this.#name, contents);
    } catch (cause) {
      this.#fuel.stop({ kind: "host-error", cause });
    }
  }

  blockingWriteAndFlush(contents: Uint8Array): void {
    this.write(contents);
  }

  flush(): void {}

  blockingFlush(): void {}
}
