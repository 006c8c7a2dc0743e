import { newList, findText, floor, join, max, min, padEnd, padStart, push, repeatText } from "../intrinsics.ts";

/** Width of a line, as node has it for output that is not a terminal. */
export const LINE = 80;

export function lines(open: string, items: readonly string[], close: string, level: number): string {
  const indent = repeatText("  ", level + 1);
  return `${open}\n${indent}${join(items, `,\n${indent}`)}\n${repeatText("  ", level)}${close}`;
}

/** More than six short items go in columns of an area about as wide as high; undefined if they don't fit for that. Node's rule. */
export function columns(
  items: readonly string[],
  count: number,
  numeric: boolean,
  level: number,
): string[] | undefined {
  let total = 0;
  let longest = 0;
  for (let index = 0; index < count; index++) {
    const { length } = items[index] as string;
    if (findText(items[index], "\n") >= 0) return undefined;
    total += length + 2;
    longest = max(longest, length);
  }
  const widest = longest + 2;
  if (widest * 3 + 2 * level >= LINE || (total / widest <= 5 && longest > 6)) return undefined;
  const biased = max(widest - 3 - sqrt(widest - total / items.length), 1);
  const perRow = min(round(sqrt(2.5 * biased * count) / biased), floor((LINE - 2 * level) / widest), 12);
  if (perRow <= 1) return undefined;
  const widths = newList<number>();
  for (let column = 0; column < perRow; column++) {
    let width = 0;
    for (let index = column; index < count; index += perRow) width = max(width, (items[index] as string).length);
    push(widths, width + 2);
  }
  const rows = newList<string>();
  for (let start = 0; start < count; start += perRow) {
    let row = "";
    const end = min(start + perRow, count);
    for (let index = start; index < end; index++) {
      const last = index === end - 1;
      const cell = last ? (items[index] as string) : `${items[index] as string}, `;
      const width = (widths[index - start] as number) - (last ? 2 : 0);
      row += numeric ? padStart(cell, width) : last ? cell : padEnd(cell, width);
    }
    push(rows, row);
  }
  if (count < items.length) push(rows, items[count]);
  return rows;
}

const { round, sqrt } = Math;
