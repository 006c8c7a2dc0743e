/** One fenced block of a Markdown file. `info` is the text behind the opening fence: a language and words. */
export interface FencedBlock {
  readonly language: string;
  readonly words: readonly string[];
  readonly code: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** The `text` block right behind this one: what it prints. */
  readonly output: string | undefined;
}

/** All fenced blocks of a Markdown text, in order; a `text` block belongs to the block before it. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  const blocks: { language: string; words: string[]; code: string; line: number; output: string | undefined }[] = [];
  const lines = markdown.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const opening = /^```(\S*)\s*(.*)$/.exec(lines[index] ?? "");
    if (opening === null) continue;
    const start = index + 1;
    do index++;
    while (index < lines.length && lines[index] !== "```");
    const code = `${lines.slice(start, index).join("\n")}\n`;
    const previous = blocks.at(-1);
    if (opening[1] === "text" && previous !== undefined) previous.output = code;
    else
      blocks.push({
        language: opening[1] ?? "",
        words: (opening[2] ?? "").split(/\s+/).filter(Boolean),
        code,
        line: start,
        output: undefined,
      });
  }
  return blocks;
}
