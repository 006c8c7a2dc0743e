import { ANSWERS } from "./answers.ts";
import type { Answer } from "./answers.ts";
import type { InterpreterImport, InterpreterImports } from "./interpreter-imports.ts";

/** The name under which a small module exports what the interpreter imports. */
export function qualified({ module, name }: { readonly module: string; readonly name: string }): string {
  return `${module}.${name}`;
}

/** Answers every sealed import with `unreachable`, which nothing in the guest can catch: the seal itself is Wasm. */
export function sealModule({ functions, slots }: InterpreterImports): string {
  const sealed = functions
    .filter(({ by }) => by === "seal")
    .map((item) => `(func (export "${qualified(item)}") ${signature(item)} unreachable)`);
  const globals = slots.map((slot) => `(global (export "${qualified(slot)}") (mut i32) (i32.const 0))`);
  return lines([...sealed, ...globals]);
}

export function answerModule({ functions }: InterpreterImports): string {
  return lines(
    functions
      .filter(({ by }) => by === "answer")
      .map((item) => {
        const body = instructions(ANSWERS.get(item.name) ?? "nothing");
        return `(func (export "${qualified(item)}") ${signature(item)} ${body})`;
      }),
  );
}

function instructions(answer: Answer): string {
  if (answer === "nothing") return "";
  return answer === "null" ? "ref.null extern" : `i32.const ${answer}`;
}

/**
 * Stands for the adapter while there is none: the interpreter has to be linked first, since the adapter lives in its
 * memory. Each function calls its entry of a table that {@link linkModule} fills.
 */
export function standInModule(imports: InterpreterImports): string {
  const served = servedBy(imports);
  const functions = served.map((item, index) => {
    const values = item.params.map((_, parameter) => `local.get ${parameter}`).join(" ");
    return `(func (export "${qualified(item)}") ${signature(item)} ${values} i32.const ${index} call_indirect $table ${signature(item)})`;
  });
  return lines([`(table $table (export "table") ${served.length} ${served.length} funcref)`, ...functions]);
}

/** Fills the stand-in's table with the adapter, and the end of the interpreter's with the trampoline. */
export function linkModule(imports: InterpreterImports, trampolineIndex: number): string {
  const served = servedBy(imports);
  return lines([
    ...served.map((item, index) => `(import "adapter" "${item.name}" (func $f${index} ${signature(item)}))`),
    `(import "stand-in" "table" (table $table ${served.length} funcref))`,
    `(import "interpreter" "table" (table $interpreter ${trampolineIndex + 2} funcref))`,
    `(import "trampoline" "call" (func $call (param i32 i32 i32 i32 i32) (result i32)))`,
    `(import "trampoline" "raise" (func $raise (param i32) (result i32)))`,
    `(elem (table $table) (i32.const 0) func ${served.map((_, index) => `$f${index}`).join(" ")})`,
    `(elem (table $interpreter) (i32.const ${trampolineIndex}) func $call $raise)`,
  ]);
}

function servedBy({ functions }: InterpreterImports): readonly InterpreterImport[] {
  return functions.filter(({ by }) => by === "adapter");
}

/**
 * What imports that return lists allocate with: the interpreter's allocator, or once the place that the adapter has
 * aimed at, so that what is read lands where the program wants it.
 */
export const ALLOCATOR_MODULE = `
    (import "env" "memory" (memory 0))
    (import "python" "emscripten_builtin_memalign" (func $memalign (param i32 i32) (result i32)))
    (global $target (mut i32) (i32.const 0))
    (global $room (mut i32) (i32.const 0))
    (func (export "aim") (param $address i32) (param $bytes i32)
      (global.set $target (local.get $address))
      (global.set $room (local.get $bytes)))
    (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $block i32)
      (if (i32.eqz (local.get $size)) (then (return (local.get $align))))
      (if (i32.and (i32.ne (global.get $target) (i32.const 0)) (i32.le_u (local.get $size) (global.get $room)))
        (then
          (local.set $block (global.get $target))
          (global.set $target (i32.const 0))
          (return (local.get $block))))
      (local.set $block (call $memalign (i32.const 16) (local.get $size)))
      (if (i32.eqz (local.get $block)) (then (unreachable)))
      (if (local.get $old-size)
        (then (memory.copy (local.get $block) (local.get $old)
          (select (local.get $old-size) (local.get $size) (i32.lt_u (local.get $old-size) (local.get $size))))))
      (local.get $block))`;

function signature({ params, results }: InterpreterImport): string {
  const list = (keyword: string, types: readonly string[]): string =>
    types.length === 0 ? "" : `(${keyword} ${types.join(" ")})`;
  return `${list("param", params)} ${list("result", results)}`;
}

function lines(items: readonly string[]): string {
  return items.map((item) => `    ${item}`).join("\n");
}
