import type { InputSource } from "../../capabilities/environment.ts";
import type { FileView } from "../../capabilities/files/file-view.ts";
import { readOpenState } from "../../capabilities/files/read-open-state.ts";
import type { OutputSink } from "../../capabilities/output.ts";
import type { Random } from "../../capabilities/random.ts";
import type { Description } from "./description.ts";
import type { DescriptorTable } from "./descriptor-table.ts";
import { DirectoryDescription } from "./descriptors/directory-description.ts";
import { FileDescription } from "./descriptors/file-description.ts";
import { LostDescription } from "./descriptors/lost-description.ts";
import { createPipe } from "./descriptors/pipe-description.ts";
import {
  InputDescription,
  NullDescription,
  OutputDescription,
  RandomDescription,
} from "./descriptors/stream-description.ts";

/** What descriptions are made over. */
export interface DescriptorPowers {
  readonly files: FileView;
  readonly input: () => InputSource;
  readonly output: OutputSink;
  readonly random: Random;
  /** A file of the guest's own, such as its standard library; undefined if there is none of that name. */
  readonly bytes?: (path: string) => Description | undefined;
}

/**
 * Puts back what `captureDescriptors` noted, into an empty table. The state comes out of a snapshot and may be forged:
 * false, with the table in any state, if it is no such state; and nothing comes out of it that a guest could not open.
 */
export function restoreDescriptors(table: DescriptorTable, state: unknown, powers: DescriptorPowers): boolean {
  const { numbers, descriptions, pipes } = fieldsOf(state);
  if (!Array.isArray(numbers) || !Array.isArray(descriptions) || !Array.isArray(pipes)) return false;
  if (Math.max(numbers.length, descriptions.length, pipes.length) > MAX_ITEMS) return false;
  const ends = pipes.map((content) => (typeof content === "string" ? createPipe(bytesOf(content)) : undefined));
  const first = new Map<number, number>();
  const used = new Set<Description>();
  for (const entry of numbers as unknown[]) {
    if (!Array.isArray(entry)) return false;
    const [fd, index] = entry as unknown[];
    if (!isIndex(fd, MAX_ITEMS) || !isIndex(index, descriptions.length) || table.get(fd) !== undefined) return false;
    const twin = first.get(index);
    if (twin !== undefined) {
      if (typeof table.duplicateTo(twin, fd) === "string") return false;
      continue;
    }
    const description = restoreDescription(fieldsOf(descriptions[index]), powers, ends);
    // Two descriptors of one end are duplicates, else its count of readers would be wrong.
    if (description === undefined || used.has(description)) return false;
    used.add(description);
    table.set(fd, description);
    first.set(index, fd);
  }
  // An end that nothing holds was closed before.
  for (const end of ends) for (const side of [end?.reader, end?.writer]) if (side && !used.has(side)) side.close();
  return true;
}

/** As many descriptors as a table has. */
const MAX_ITEMS = 256;

export type Ends = readonly (ReturnType<typeof createPipe> | undefined)[];
type Fields = Readonly<Record<string, unknown>>;

/** One description of a state that may be forged; undefined if it is none. */
export function restoreDescription(state: Fields, powers: DescriptorPowers, ends: Ends): Description | undefined {
  switch (state["kind"]) {
    case "input":
      return new InputDescription(powers.input);
    case "output": {
      const stream = state["stream"];
      return stream === "stdout" || stream === "stderr" ? new OutputDescription(powers.output, stream) : undefined;
    }
    case "null":
      return new NullDescription();
    case "random":
      return new RandomDescription(powers.random);
    case "lost":
      return new LostDescription();
    case "bytes":
      return restoreBytes(state, powers);
    case "file":
    case "directory":
      return restoreOpen(state, powers);
    case "pipe": {
      const { end, pipe } = state;
      const both = isIndex(pipe, ends.length) ? ends[pipe] : undefined;
      return end === "reader" || end === "writer" ? both?.[end] : undefined;
    }
    default:
      return undefined;
  }
}

function restoreBytes({ path, position }: Fields, { bytes }: DescriptorPowers): Description | undefined {
  if (typeof path !== "string" || !isIndex(position, Number.MAX_SAFE_INTEGER)) return undefined;
  const description = bytes?.(path);
  description?.seek(position, 0);
  return description;
}

function restoreOpen({ open, access, position }: Fields, { files }: DescriptorPowers): Description | undefined {
  const state = readOpenState(open);
  const { read, write, append } = fieldsOf(access);
  if (state === undefined || !isIndex(position, Number.MAX_SAFE_INTEGER)) return undefined;
  const opened = files.reopen(state);
  // What is gone, or what the new policy does not grant, is lost to the guest and no fault of the snapshot's.
  if (typeof opened === "string") return new LostDescription();
  if (opened.kind !== state.kind) {
    opened.close();
    return new LostDescription();
  }
  const description =
    opened.kind === "file"
      ? new FileDescription(opened, { read: read === true, write: write === true, append: append === true })
      : new DirectoryDescription(opened);
  description.seek(position, 0);
  return description;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function isIndex(value: unknown, end: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < end;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}
