import { ALLOCATOR_MODULE, answerModule, linkModule, qualified, sealModule, standInModule } from "./text-modules.ts";
import type { InterpreterImports } from "./interpreter-imports.ts";

export interface ComponentParts {
  /** The world's imports in the text format of components. */
  readonly declarations: string;
  readonly imports: InterpreterImports;
  /** What the adapter imports from the world: an interface without its version, and a function of it. */
  readonly lowered: readonly { readonly module: string; readonly name: string }[];
  readonly facts: { readonly entry: number; readonly deadlockError: number; readonly trampolineIndex: number };
}

/**
 * The component as text, where empty modules stand for the binary ones: interpreter, trampoline, library, adapter. Order of instantiation: seal, answers and stand-in → interpreter → trampoline, allocator,
 * library → adapter → link, which puts the adapter where the stand-in calls it.
 */
export function componentText(parts: ComponentParts): string {
  const { declarations, imports, facts } = parts;
  return `(component
${declarations}
  (core module $seal-module
${sealModule(imports)})
  (core module $answer-module
${answerModule(imports)})
  (core module $stand-in-module
${standInModule(imports)})
  (core module $interpreter-module)
  (core module $trampoline-module)
  (core module $library-module)
  (core module $adapter-module)
  (core module $allocator-module${ALLOCATOR_MODULE})
  (core module $facts-module
    (global (export "entry") i32 (i32.const ${facts.entry}))
    (global (export "deadlock-error") i32 (i32.const ${facts.deadlockError}))
    (global (export "raise-index") i32 (i32.const ${facts.trampolineIndex + 1})))
  (core module $link-module
${linkModule(imports, facts.trampolineIndex)})

  (core instance $seal (instantiate $seal-module))
  (core instance $answer (instantiate $answer-module))
  (core instance $stand-in (instantiate $stand-in-module))
${importInstances(imports)}
  (core instance $interpreter (instantiate $interpreter-module
${modulesOf(imports)
  .map((module, index) => `    (with "${module}" (instance $given-${index}))`)
  .join("\n")}))
  (alias core export $interpreter "memory" (core memory $memory))
  (core instance $env (export "memory" (memory $interpreter "memory")))
  (core instance $trampoline (instantiate $trampoline-module
    (with "env" (instance
      (export "memory" (memory $interpreter "memory"))
      (export "table" (table $interpreter "__indirect_function_table"))
      (export "PyErr_SetNone" (func $interpreter "PyErr_SetNone"))))))
  (core instance $allocator (instantiate $allocator-module
    (with "env" (instance $env)) (with "python" (instance $interpreter))))
  (alias core export $allocator "cabi_realloc" (core func $realloc))
  (core instance $library (instantiate $library-module (with "env" (instance $env))))
  (core instance $facts (instantiate $facts-module))
${lowering(parts)}
  (core instance $link (instantiate $link-module
    (with "adapter" (instance $adapter))
    (with "stand-in" (instance $stand-in))
    (with "interpreter" (instance (export "table" (table $interpreter "__indirect_function_table"))))
    (with "trampoline" (instance $trampoline))))
${PROGRAM}
)`;
}

function modulesOf({ functions, slots }: InterpreterImports): readonly string[] {
  return [...new Set([...functions, ...slots].map(({ module }) => module))];
}

const ANSWERED_BY = { adapter: "stand-in", answer: "answer", seal: "seal" } as const;

/** One instance for each module that the interpreter imports from. */
function importInstances(imports: InterpreterImports): string {
  return modulesOf(imports)
    .map((module, index) => {
      const functions = imports.functions
        .filter((item) => item.module === module)
        .map((item) => `    (export "${item.name}" (func $${ANSWERED_BY[item.by]} "${qualified(item)}"))`);
      const slots = imports.slots
        .filter((item) => item.module === module)
        .map((item) => `    (export "${item.name}" (global $seal "${qualified(item)}"))`);
      return `  (core instance $given-${index}\n${[...functions, ...slots].join("\n")})`;
    })
    .join("\n");
}

/** Lowers what the adapter imports, and instantiates it. */
function lowering({ declarations, lowered }: ComponentParts): string {
  const interfaces = [...new Set(lowered.map(({ module }) => module))];
  const text: string[] = [];
  for (const [index, name] of interfaces.entries()) {
    const instance = instanceName(declarations, name);
    const exports: string[] = [];
    for (const [number, item] of lowered.filter(({ module }) => module === name).entries()) {
      const lower = `$lower-${index}-${number}`;
      const resource = /^\[resource-drop\](.+)$/.exec(item.name)?.[1];
      if (resource === undefined)
        text.push(
          `  (core func ${lower} (canon lower (func ${instance} "${item.name}") (memory $memory) (realloc $realloc)))`,
        );
      else {
        text.push(`  (alias export ${instance} "${resource}" (type $drop-${index}-${number}))`);
        text.push(`  (core func ${lower} (canon resource.drop $drop-${index}-${number}))`);
      }
      exports.push(`    (export "${item.name}" (func ${lower}))`);
    }
    text.push(`  (core instance $lowered-${index}\n${exports.join("\n")})`);
  }
  text.push(
    "  (core instance $adapter (instantiate $adapter-module",
    '    (with "env" (instance $env))',
    '    (with "python" (instance $interpreter))',
    ...["trampoline", "allocator", "library", "facts"].map((name) => `    (with "${name}" (instance $${name}))`),
    ...interfaces.map((name, index) => `    (with "${name}" (instance $lowered-${index}))`),
    "  ))",
  );
  return text.join("\n");
}

/** The identifier that the declarations have for an interface, which has the version in it. */
function instanceName(declarations: string, name: string): string {
  const found = declarations.match(/\(import "[^"]+" \(instance \$\S+/g) ?? [];
  const line = found.find((item) => item.startsWith(`(import "${name}@`));
  const identifier = line?.slice(line.lastIndexOf("$"));
  if (identifier === undefined) throw new Error(`Cannot write the component: the world does not import "${name}"`);
  return identifier;
}

const TYPES = `
    (type $request-record (record (field "source" string) (field "filename" string) (field "args" (list string)) (field "path" (list string)) (field "value-bytes" u32)))
    (type $settlement-record (record (field "number" u64) (field "reply" (list u8))))
    (type $turn-variant (variant (case "value" string) (case "error" string) (case "exit" u8) (case "too-large") (case "waiting" string) (case "lost")))`;

/** The exported interface. Its types get their names in a component of their own, as instances of components have to. */
const PROGRAM = `${TYPES}
  (func $run (param "request" $request-record) (result $turn-variant)
    (canon lift (core func $adapter "run") (memory $memory) (realloc $realloc)))
  (func $resume (param "settlements" (list $settlement-record)) (result $turn-variant)
    (canon lift (core func $adapter "resume") (memory $memory) (realloc $realloc)))
  (component $program-component${TYPES}
    (import "import-type-request" (type $request (eq $request-record)))
    (import "import-type-settlement" (type $settlement (eq $settlement-record)))
    (import "import-type-turn" (type $turn (eq $turn-variant)))
    (import "import-func-run" (func $run (param "request" $request) (result $turn)))
    (import "import-func-resume" (func $resume (param "settlements" (list $settlement)) (result $turn)))
    (export $own-request "request" (type $request-record))
    (export $own-settlement "settlement" (type $settlement-record))
    (export $own-turn "turn" (type $turn-variant))
    (export "run" (func $run) (func (param "request" $own-request) (result $own-turn)))
    (export "resume" (func $resume) (func (param "settlements" (list $own-settlement)) (result $own-turn))))
  (instance $program (instantiate $program-component
    (with "import-type-request" (type $request-record))
    (with "import-type-settlement" (type $settlement-record))
    (with "import-type-turn" (type $turn-variant))
    (with "import-func-run" (func $run))
    (with "import-func-resume" (func $resume))))
  (export "wardian:python/program@0.1.0" (instance $program))`;
