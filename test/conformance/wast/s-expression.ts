/** A list of a `.wast` script. Atoms are strings as written; string literals keep their quotes. */
export interface List {
  readonly items: readonly Node[];
  /** Range of the source text, parentheses included. */
  readonly start: number;
  readonly end: number;
}

export type Node = string | List;

export function isList(node: Node | undefined): node is List {
  return typeof node === "object";
}

/** The first atom of a list: its keyword. */
export function head(node: Node | undefined): string {
  const first = isList(node) ? node.items[0] : undefined;
  return typeof first === "string" ? first : "";
}

/** Reads all top-level lists. Comments are dropped, annotations `(@name …)` read as lists. */
export function parseLists(source: string): List[] {
  const roots: List[] = [];
  const open: { readonly items: Node[]; readonly start: number }[] = [];
  let at = 0;
  while (at < source.length) {
    const char = source[at];
    if (char === ";" && source[at + 1] === ";") {
      const end = source.indexOf("\n", at);
      at = end < 0 ? source.length : end;
    } else if (char === "(" && source[at + 1] === ";") at = skipComment(source, at);
    else if (char === "(") {
      open.push({ items: [], start: at });
      at++;
    } else if (char === ")") {
      const list = open.pop();
      at++;
      if (list === undefined) throw new SyntaxError(`Unbalanced ")" at ${String(at)}`);
      const node: List = { items: list.items, start: list.start, end: at };
      const parent = open.at(-1);
      if (parent === undefined) roots.push(node);
      else parent.items.push(node);
    } else if (char === '"') {
      const end = stringEnd(source, at);
      open.at(-1)?.items.push(source.slice(at, end));
      at = end;
    } else if (/\s/u.test(char ?? " ")) at++;
    else {
      let end = at;
      while (end < source.length && !/[\s()";]/u.test(source[end] ?? " ")) end++;
      end = Math.max(end, at + 1);
      open.at(-1)?.items.push(source.slice(at, end));
      at = end;
    }
  }
  return roots;
}

function skipComment(source: string, from: number): number {
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (source.startsWith("(;", at)) {
      depth++;
      at++;
    } else if (source.startsWith(";)", at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return source.length;
}

function stringEnd(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === '"') return at + 1;
  }
  throw new SyntaxError(`String without end at ${String(from)}`);
}

/** The bytes that a string literal stands for. */
export function stringBytes(literal: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  const text = literal.slice(1, -1);
  const encoder = new TextEncoder();
  const escapes: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, '"': 34, "'": 39, "\\": 92 };
  for (let at = 0; at < text.length;) {
    const char = text[at] ?? "";
    if (char !== "\\") {
      const point = String.fromCodePoint(text.codePointAt(at) ?? 0);
      bytes.push(...encoder.encode(point));
      at += point.length;
      continue;
    }
    const next = text[at + 1] ?? "";
    const simple = escapes[next];
    if (simple !== undefined) {
      bytes.push(simple);
      at += 2;
    } else if (next === "u") {
      const end = text.indexOf("}", at);
      bytes.push(...encoder.encode(String.fromCodePoint(Number.parseInt(text.slice(at + 3, end), 16))));
      at = end + 1;
    } else {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 3;
    }
  }
  return Uint8Array.from(bytes);
}

export function stringText(literal: string): string {
  return new TextDecoder().decode(stringBytes(literal));
}
