import type { Description, DescriptionState } from "./description.ts";
import type { DescriptorTable } from "./descriptor-table.ts";
import { pipeContent } from "./descriptors/pipe-description.ts";

/** Everything that is open behind a descriptor table, as JSON data. */
export interface DescriptorsState {
  /** Descriptor and index into `descriptions`. */
  readonly numbers: readonly (readonly [fd: number, description: number])[];
  readonly descriptions: readonly DescriptionState<number>[];
  /** What waits in each pipe, a character a byte. */
  readonly pipes: readonly string[];
}

export function captureDescriptors(table: DescriptorTable): DescriptorsState {
  const found = new Numbered<Description>();
  const numbers = table.entries().map(([fd, description]) => [fd, found.indexOf(description)] as const);
  const pipes = new Numbered<object>();
  const descriptions = found.items.map((description): DescriptionState<number> => {
    const state = description.capture();
    return state.kind === "pipe" ? { ...state, pipe: pipes.indexOf(state.pipe) } : state;
  });
  return { numbers, descriptions, pipes: pipes.items.map((pipe) => textOf(pipeContent(pipe))) };
}

/** Gives each thing a number, in the order of their coming. */
class Numbered<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<T, number>();

  indexOf(item: T): number {
    let number = this.#numbers.get(item);
    if (number === undefined) {
      number = this.items.push(item) - 1;
      this.#numbers.set(item, number);
    }
    return number;
  }
}

function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
