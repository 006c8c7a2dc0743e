import { DEFAULT_REWRITE_LIMITS } from "../../src/engine/limits.ts";
import { body, buildModule, code, functionsModule, TYPES, vector } from "./module-builder.ts";
import type { ByteWriter } from "../../src/internal/byte-writer.ts";

/** Makes a module of about `bytes` bytes that is meant to be expensive to rewrite. */
export type Shape = (bytes: number) => Uint8Array<ArrayBuffer>;

const { nesting, bodyBytes, branchTargets, locals } = DEFAULT_REWRITE_LIMITS;

/** Bodies of the largest size allowed, as many as make up `bytes`, of `piece` over and over. */
function repeated(bytes: number, piece: (out: ByteWriter) => void): Uint8Array<ArrayBuffer> {
  const bodies: Uint8Array[] = [];
  for (let rest = bytes; rest > 0;) {
    const size = Math.min(rest, bodyBytes - 4 * PIECE_SLACK);
    const full = body((out) => {
      while (out.length < size) piece(out);
    });
    bodies.push(full);
    rest -= full.length;
  }
  return functionsModule(bodies);
}

/** More than the largest piece below has. */
const PIECE_SLACK = 100_000;

/** Nests to the limit, the function's own level included. */
function nested(
  out: ByteWriter,
  open: (out: ByteWriter, depth: number) => void,
  close: (out: ByteWriter, depth: number) => void,
): void {
  const depth = nesting - 2;
  for (let level = 0; level < depth; level++) open(out, level);
  for (let level = depth - 1; level >= 0; level--) close(out, level);
}

const put = (out: ByteWriter, ...bytes: number[]): void => {
  for (const byte of bytes) out.byte(byte);
};

/** A generator with a fixed seed (Park and Miller's): the same module every time. */
function numbers(): () => number {
  let seed = 20_240_229;
  return () => (seed = (seed * 48_271) % 2_147_483_647);
}

/** As many bytes with nothing to rewrite in them: one custom section. */
export function harmlessModule(bytes: number): Uint8Array<ArrayBuffer> {
  return buildModule([
    [0, vector(0, () => undefined)],
    [0, new Uint8Array(bytes)],
  ]);
}

/** The shapes by their names. */
export const HOSTILE_MODULES: ReadonlyMap<string, Shape> = new Map<string, Shape>(
  Object.entries<Shape>({
    "nested blocks": (bytes) =>
      repeated(bytes, (out) =>
        nested(
          out,
          (o) => put(o, 0x02, 0x40),
          (o) => put(o, 0x0b),
        ),
      ),
    "nested loops that go back": (bytes) =>
      repeated(bytes, (out) =>
        nested(
          out,
          (o) => put(o, 0x03, 0x40),
          (o) => put(o, 0x20, 0, 0x0d, 0, 0x0b),
        ),
      ),
    "nested ifs with far exits": (bytes) =>
      repeated(bytes, (out) =>
        nested(
          out,
          (o) => put(o, 0x20, 0, 0x04, 0x40),
          (o, depth) => {
            put(o, 0x20, 0, 0x0d);
            o.u32(depth);
            put(o, 0x0b);
          },
        ),
      ),
    "loops one behind the other": (bytes) => repeated(bytes, (out) => put(out, 0x03, 0x40, 0x0b)),
    "blocks with an exit": (bytes) => repeated(bytes, (out) => put(out, 0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b)),
    "branch tables to all levels": (bytes) =>
      repeated(bytes, (out) =>
        nested(
          out,
          (o, level) => {
            put(o, 0x02, 0x40);
            if (level !== nesting - 3) return;
            put(o, 0x02, 0x40, 0x20, 0, 0x0e);
            o.u32(30_000);
            for (let target = 0; target <= 30_000; target++) o.u32(target % level);
            put(o, 0x0b);
          },
          (o) => put(o, 0x0b),
        ),
      ),
    "branch tables of the largest size": (bytes) =>
      repeated(bytes, (out) => {
        put(out, 0x02, 0x40, 0x20, 0, 0x0e);
        out.u32(branchTargets);
        for (let target = 0; target <= branchTargets; target++) out.byte(target & 1);
        put(out, 0x0b);
      }),
    "straight code": (bytes) => repeated(bytes, (out) => put(out, 0x20, 0, 0x20, 0, 0x6a, 0x21, 0)),
    "returns and unreachable code": (bytes) =>
      repeated(bytes, (out) => put(out, 0x02, 0x40, 0x20, 0, 0x04, 0x40, 0x0f, 0x0b, 0x0b)),
    "bulk operations": (bytes) => repeated(bytes, (out) => put(out, 0x20, 0, 0x20, 0, 0x20, 0, 0xfc, 11, 0)),
    "growing memory": (bytes) => repeated(bytes, (out) => put(out, 0x20, 0, 0x40, 0, 0x1a)),
    "indirect calls": (bytes) => repeated(bytes, (out) => put(out, 0x20, 0, 0x20, 0, 0x11, 1, 0)),
    "legacy exceptions": (bytes) => repeated(bytes, (out) => put(out, 0x06, 0x40, 0x20, 0, 0x10, 0, 0x19, 0x0b)),
    "tiny functions": (bytes) => {
      const empty = body(() => undefined);
      return functionsModule(Array.from({ length: Math.min(900_000, Math.floor(bytes / 4)) }, () => empty));
    },
    "small functions with a loop": (bytes) => {
      const spin = body((out) => put(out, 0x03, 0x40, 0x20, 0, 0x0d, 0, 0x0b));
      return functionsModule(Array.from({ length: Math.min(900_000, Math.floor(bytes / 12)) }, () => spin));
    },
    "chain of doubling calls": (bytes) => {
      const count = Math.min(800_000, Math.floor(bytes / 14));
      return functionsModule(
        Array.from({ length: count }, (_, index) =>
          body((out) => {
            if (index + 1 === count) return;
            for (let call = 0; call < 2; call++) {
              put(out, 0x20, 0, 0x10);
              out.u32(index + 1);
            }
          }),
        ),
      );
    },
    "one large circle of calls": (bytes) => {
      const count = Math.min(800_000, Math.floor(bytes / 9));
      return functionsModule(
        Array.from({ length: count }, (_, index) =>
          body((out) => {
            put(out, 0x20, 0, 0x10);
            out.u32((index + 1) % count);
          }),
        ),
      );
    },
    "calls from everywhere to everywhere": (bytes) => {
      const random = numbers();
      const count = 20_000;
      const calls = Math.floor(bytes / count / 5);
      return functionsModule(
        Array.from({ length: count }, () =>
          body((out) => {
            for (let call = 0; call < calls; call++) {
              put(out, 0x20, 0, 0x10);
              out.u32(random() % count);
            }
          }),
        ),
      );
    },
    "locals in single groups": (bytes) => {
      const groups = vector(locals - 1, (out, index) => put(out, 1, index & 1 ? 0x7e : 0x7f));
      const full = Uint8Array.from([...groups, 0x0b]);
      return functionsModule(Array.from({ length: Math.max(1, Math.floor(bytes / full.length)) }, () => full));
    },
    "the most locals in every function": (bytes) => {
      const full = vector(1, (out) => {
        out.u32(locals - 1);
        put(out, 0x7f);
      });
      const spin = Uint8Array.from([...full, 0x03, 0x40, 0x20, 0, 0x0d, 0, 0x0b, 0x0b]);
      return functionsModule(Array.from({ length: Math.min(700_000, Math.floor(bytes / 15)) }, () => spin));
    },
    types: (bytes) =>
      buildModule([
        [
          1,
          vector(Math.min(900_000, Math.floor(bytes / 8)), (out, index) =>
            put(out, 0x60, 4, 0x7f, 0x7e, 0x7d, index & 1 ? 0x7f : 0x7c, 0),
          ),
        ],
      ]),
    "a type of many parameters": (bytes) =>
      buildModule([
        [
          1,
          vector(Math.max(1, Math.floor(bytes / 1_003)), (out) => {
            put(out, 0x60);
            out.u32(1_000);
            for (let param = 0; param < 1_000; param++) out.byte(0x7f);
            out.byte(0);
          }),
        ],
      ]),
    imports: (bytes) =>
      buildModule([
        [1, TYPES],
        [
          2,
          vector(Math.min(90_000, Math.floor(bytes / 105)), (out, index) =>
            named(out, 1, "m", `${index}`.padStart(100, "-"), 0, 0),
          ),
        ],
      ]),
    exports: (bytes) =>
      buildModule([
        [1, TYPES],
        [3, Uint8Array.of(1, 0)],
        [7, vector(Math.min(900_000, Math.floor(bytes / 10)), (out, index) => named(out, 0, "", `f${index}`, 0, 0))],
        [10, code([body(() => undefined)])],
      ]),
    globals: (bytes) =>
      buildModule([[6, vector(Math.min(900_000, Math.floor(bytes / 5)), (out) => put(out, 0x7f, 1, 0x41, 0, 0x0b))]]),
    "data segments": (bytes) =>
      buildModule([
        [5, Uint8Array.of(1, 0, 1)],
        [11, vector(Math.min(900_000, Math.floor(bytes / 7)), (out) => put(out, 0, 0x41, 0, 0x0b, 1, 65))],
      ]),
    "one element segment": (bytes) =>
      buildModule([
        [1, TYPES],
        [3, Uint8Array.of(1, 0)],
        [4, Uint8Array.of(1, 0x70, 0, 1)],
        [
          9,
          vector(1, (out) => {
            put(out, 0, 0x41, 0, 0x0b);
            const count = Math.min(900_000, bytes);
            out.u32(count);
            for (let index = 0; index < count; index++) out.byte(0);
          }),
        ],
        [10, code([body(() => undefined)])],
      ]),
    "element expressions": (bytes) =>
      buildModule([
        [1, TYPES],
        [3, Uint8Array.of(1, 0)],
        [9, vector(Math.min(900_000, Math.floor(bytes / 6)), (out) => put(out, 5, 0x70, 1, 0xd2, 0, 0x0b))],
        [10, code([body(() => undefined)])],
      ]),
    "a name section": (bytes) => {
      const count = Math.min(700_000, Math.floor(bytes / 14));
      const names = vector(count, (out, index) => {
        out.u32(index);
        text(out, `name${index}`);
      });
      const payload = Uint8Array.from([4, ...new TextEncoder().encode("name"), 1, ...leb(names.length)]);
      const whole = new Uint8Array(payload.length + names.length);
      whole.set(payload);
      whole.set(names, payload.length);
      const empty = body(() => undefined);
      return buildModule([
        [1, TYPES],
        [3, vector(count, (out) => out.byte(0))],
        [10, code(Array.from({ length: count }, () => empty))],
        [0, whole],
      ]);
    },
    "custom sections": (bytes) => {
      const out = new Uint8Array(5 * Math.floor(bytes / 5) + 8);
      out.set([0, 97, 115, 109, 1, 0, 0, 0]);
      for (let at = 8; at < out.length; at += 5) out.set([0, 3, 1, 65, 0], at);
      return out;
    },
    "random bytes": (bytes) => {
      const random = numbers();
      return buildModule(
        Array.from(
          { length: 10 },
          () => [random() % 14, Uint8Array.from({ length: Math.floor(bytes / 10) }, () => random() & 255)] as const,
        ),
      );
    },
    "random code": (bytes) => {
      const random = numbers();
      return functionsModule([
        Uint8Array.from({ length: Math.min(bytes, bodyBytes) }, (_, index) => (index === 0 ? 0 : random() & 255)),
      ]);
    },
  }),
);

function text(out: ByteWriter, value: string): void {
  const bytes = new TextEncoder().encode(value);
  out.u32(bytes.length);
  out.bytes(bytes);
}

function named(out: ByteWriter, modules: number, module: string, name: string, kind: number, index: number): void {
  if (modules > 0) text(out, module);
  text(out, name);
  out.byte(kind);
  out.u32(index);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest & 127) | 128);
  }
}
