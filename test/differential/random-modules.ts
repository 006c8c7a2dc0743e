import fc from "fast-check";

/**
 * Random programs that end: three functions that call only later ones, and loops that count a local down. All state is
 * i32, in locals, in the first KiB of a memory and in one global.
 */
export const randomModule: fc.Arbitrary<string> = fc.tuple(body(1, 2), body(2, 2), body(3, 2)).map(
  ([first, second, third]) => `(module
  (memory (export "m") 1)
  (global $g (mut i32) (i32.const 1))
  (tag $t)
  (table 3 funcref) (elem (i32.const 0) $f1 $f2 $f3)
  (type $f (func (param i32) (result i32)))
  (func $f1 (export "f") (type $f) ${LOCALS} ${first} ${RESULT})
  (func $f2 (type $f) ${LOCALS} ${second} ${RESULT})
  (func $f3 (type $f) ${LOCALS} ${third} ${RESULT}))`,
);

const LOCALS = "(local i32 i32 i32 i32 i32 i32 i32 i32)";
const RESULT = "(i32.add (local.get 1) (i32.add (local.get 2) (global.get $g)))";

/** Locals 0 to 4 are data; 5 to 8 count the loops of each nesting. */
function data(): fc.Arbitrary<number> {
  return fc.nat(4);
}

function expression(depth: number): fc.Arbitrary<string> {
  const leaf = fc.oneof(
    data().map((local) => `(local.get ${String(local)})`),
    fc.integer({ min: -9, max: 99 }).map((value) => `(i32.const ${String(value)})`),
    fc.constant("(global.get $g)"),
  );
  if (depth === 0) return leaf;
  const inner = expression(depth - 1);
  return fc.oneof(
    leaf,
    fc
      .tuple(fc.constantFrom("add", "sub", "mul", "xor", "lt_s", "shr_u"), inner, inner)
      .map(([op, a, b]) => `(i32.${op} ${a} ${b})`),
    inner.map((a) => `(i32.rem_u ${a} (i32.const 7))`),
    inner.map((a) => `(i32.load (i32.and ${a} (i32.const 1020)))`),
    fc.tuple(inner, inner, inner).map(([a, b, c]) => `(select ${a} ${b} ${c})`),
    fc.tuple(inner, inner, inner).map(([a, b, c]) => `(if (result i32) ${a} (then ${b}) (else ${c}))`),
  );
}

function body(self: number, depth: number): fc.Arbitrary<string> {
  return fc.array(statement(self, depth, 0), { minLength: 1, maxLength: 5 }).map((parts) => parts.join("\n"));
}

/** `labels`: blocks around that a branch may leave. `loops` is part of `depth`: each nesting has its own counter. */
function statement(self: number, depth: number, labels: number): fc.Arbitrary<string> {
  const set = fc.tuple(data(), expression(2)).map(([local, value]) => `(local.set ${String(local)} ${value})`);
  const store = fc
    .tuple(expression(1), expression(1))
    .map(([at, value]) => `(i32.store (i32.and ${at} (i32.const 1020)) ${value})`);
  const global = expression(1).map((value) => `(global.set $g ${value})`);
  const fill = fc
    .tuple(expression(1), fc.nat(500))
    .map(([value, length]) => `(memory.fill (i32.const 0) ${value} (i32.const ${String(length)}))`);
  const copy = expression(1).map(
    (length) => `(memory.copy (i32.const 8) (i32.const 0) (i32.and ${length} (i32.const 511)))`,
  );
  const leaves = [set, set, store, global, fill, copy];
  const calls: fc.Arbitrary<string>[] = [];
  for (let callee = self + 1; callee <= 3; callee++) {
    calls.push(
      fc
        .tuple(data(), expression(1))
        .map(([local, value]) => `(local.set ${String(local)} (call $f${String(callee)} ${value}))`),
    );
    calls.push(
      expression(1).map(
        (value) => `(global.set $g (call_indirect (type $f) ${value} (i32.const ${String(callee - 1)})))`,
      ),
    );
  }
  const branches: fc.Arbitrary<string>[] = [];
  if (labels > 0) {
    const label = fc.nat(labels - 1).map(String);
    branches.push(fc.tuple(label, expression(1)).map(([to, condition]) => `(br_if ${to} ${condition})`));
    branches.push(
      fc
        .tuple(label, label, expression(1))
        .map(([a, b, value]) => `(block (br_table 0 ${String(Number(a) + 1)} ${String(Number(b) + 1)} ${value}))`),
    );
    branches.push(expression(1).map((condition) => `(if ${condition} (then (return (i32.const 5))))`));
  }
  if (depth === 0) return fc.oneof(...leaves, ...calls, ...branches);
  const inner = (more: number): fc.Arbitrary<string> =>
    fc
      .array(statement(self, depth - 1, labels + more), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join("\n"));
  const counter = String(4 + depth);
  return fc.oneof(
    ...leaves,
    ...calls,
    ...branches,
    inner(1).map((code) => `(block ${code})`),
    fc
      .tuple(expression(1), inner(1), inner(1))
      .map(([condition, yes, no]) => `(if ${condition} (then ${yes}) (else ${no}))`),
    // The branch back stands at the loop's end, outside of the one block that the code inside may leave.
    fc
      .tuple(fc.integer({ min: 1, max: 5 }), inner(1 - labels))
      .map(
        ([turns, code]) =>
          `(local.set ${counter} (i32.const ${String(turns)})) (loop (block ${code}) (br_if 0 (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1)))))`,
      ),
    inner(1).map(
      (code) =>
        `(block try ${code} (if (i32.lt_s (local.get 1) (i32.const 3)) (then (throw $t))) catch_all (local.set 2 (i32.const 9)) end)`,
    ),
  );
}
