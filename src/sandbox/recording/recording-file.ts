import { readBytes, readText, writeBytes, writeText } from "../../capabilities/recording/payload.ts";
import { checksum } from "../../engine/snapshot/checksum.ts";
import { WardianError } from "../../errors.ts";
import { ByteReader } from "../../internal/byte-reader.ts";
import { ByteWriter } from "../../internal/byte-writer.ts";

/*
 * A recording: magic, version, the head as JSON, the number of runs, and for each run its head and its tail as JSON and
 * its tape; at the end the XXH32 of all before it. Texts and bytes have their length in front.
 */

const MAGIC = Uint8Array.from("WRDNTAPE", (character) => character.charCodeAt(0));
const VERSION = 1;
const CHECKSUM_BYTES = 4;

/** The parts of a recording, JSON not yet looked at. */
export interface RecordingParts {
  readonly head: string;
  readonly runs: readonly RecordedRunParts[];
}

export interface RecordedRunParts {
  readonly head: string;
  readonly tail: string;
  readonly tape: Uint8Array;
}

/** One run, to be put into a file. */
export function encodeRun({ head, tail, tape }: RecordedRunParts): Uint8Array {
  const out = new ByteWriter(tape.length + head.length + tail.length + 64);
  writeText(out, head);
  writeText(out, tail);
  writeBytes(out, tape);
  return out.finish();
}

export function encodeRecording(head: string, runs: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter(runs.reduce((sum, run) => sum + run.length, head.length + 64));
  out.bytes(MAGIC);
  out.u32(VERSION);
  writeText(out, head);
  out.u64(runs.length);
  for (const run of runs) out.bytes(run);
  const sum = checksum(out.view());
  for (let shift = 0; shift < 32; shift += 8) out.byte((sum >>> shift) & 0xff);
  return out.finish();
}

/**
 * Takes a recording apart. Every length is checked against what is left.
 *
 * @throws TypeError if it is no Uint8Array
 * @throws WardianError "invalid-recording" if the bytes are no recording, damaged, or of another version
 */
export function decodeRecording(bytes: Uint8Array): RecordingParts {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("Cannot read the recording: it must be a Uint8Array");
  if (bytes.length < MAGIC.length + CHECKSUM_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte))
    throw invalid("it is not one");
  const end = bytes.length - CHECKSUM_BYTES;
  const input = new RecordingReader(bytes, MAGIC.length, end);
  const version = input.u32();
  if (version !== VERSION) throw invalid(`it has the format ${version}, and this version of wardian reads ${VERSION}`);
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true);
  if (checksum(bytes.subarray(0, end)) !== stored) throw invalid("it is damaged");
  const head = readText(input);
  const count = input.u64();
  const runs: RecordedRunParts[] = [];
  // A run takes several bytes, so a forged count ends at the end of the file.
  for (let index = 0; index < count; index++)
    runs.push({ head: readText(input), tail: readText(input), tape: readBytes(input) });
  if (input.position !== end) throw invalid("there is something behind its end");
  return { head, runs };
}

export function invalid(why: string): WardianError {
  return new WardianError("invalid-recording", `Cannot read the recording: ${why}`);
}

class RecordingReader extends ByteReader {
  override fail(message: string, offset: number = this.position): never {
    throw invalid(`${message} at byte ${offset}`);
  }
}
