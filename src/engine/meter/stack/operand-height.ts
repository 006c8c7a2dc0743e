import type { InstructionReader } from "../../binary/instruction-reader.ts";
import type { FunctionType, WasmModule } from "../../binary/module.ts";
import { OP } from "../../binary/opcodes.ts";

/** Bytes of an operand, most of which are i32, and of one in a function that uses vectors. */
const OPERAND_BYTES = 4;
const VECTOR_BYTES = 16;

/** Follows how many operands a function's code has on its stack at most: engines keep a slot of the frame for each. */
export class OperandHeight {
  readonly #module: WasmModule;
  #height = 0;
  #most = 0;
  #vectors = false;
  /** Heights below the parameters of the open blocks, then the numbers of their parameters and results. */
  readonly #floors: number[] = [];
  readonly #types: { readonly params: number; readonly results: number }[] = [];

  constructor(module: WasmModule) {
    this.#module = module;
  }

  begin(): void {
    this.#height = 0;
    this.#most = 0;
    this.#vectors = false;
    this.#floors.length = 0;
    this.#types.length = 0;
  }

  /** Bytes that operands have taken so far at most. */
  get bytes(): number {
    return this.#most * (this.#vectors ? VECTOR_BYTES : OPERAND_BYTES);
  }

  /** Takes the current instruction into account. */
  follow(reader: InstructionReader): void {
    const { op } = reader;
    if (op > 0xff) {
      if (op >> 12 === 0xfd) this.#vectors = true;
      this.#move(prefixedEffect(op));
    } else if (op >= OP.drop && op !== OP.tryTable) this.#move(EFFECTS[op] as number);
    else this.#control(reader);
  }

  #control(reader: InstructionReader): void {
    const { op, index } = reader;
    switch (op) {
      case OP.if:
        this.#move(-1);
        this.#open(reader);
        return;
      case OP.block:
      case OP.loop:
      case OP.try:
      case OP.tryTable:
        this.#open(reader);
        return;
      case OP.else:
        this.#reopen(this.#types[this.#types.length - 1]?.params ?? 0);
        return;
      case OP.catch:
        this.#reopen(this.#type(this.#module.tags[index] ?? -1)?.params.length ?? 0);
        return;
      case OP.catchAll:
        this.#reopen(0);
        return;
      case OP.end:
      case OP.delegate: {
        const results = this.#types.pop()?.results ?? 0;
        this.#height = (this.#floors.pop() ?? 0) + results;
        this.#move(0);
        return;
      }
      case OP.brIf:
        this.#move(-1);
        return;
      case OP.call:
        this.#call(this.#module.functionTypes[index] ?? -1);
        return;
      case OP.callIndirect:
      case OP.callRef:
        this.#move(-1);
        this.#call(index);
        return;
      case OP.nop:
        return;
      default:
        // Everything else does not go on from here.
        this.#reopen(0);
    }
  }

  #open({ index, indexStart, bytes }: InstructionReader): void {
    const type = this.#type(index);
    const params = type?.params.length ?? 0;
    const results = type?.results.length ?? (bytes[indexStart] === 0x40 ? 0 : 1);
    this.#floors.push(Math.max(0, this.#height - params));
    this.#types.push({ params, results });
  }

  #reopen(values: number): void {
    this.#height = (this.#floors[this.#floors.length - 1] ?? 0) + values;
    this.#move(0);
  }

  #call(index: number): void {
    const type = this.#type(index);
    if (type !== undefined) this.#move(type.results.length - type.params.length);
  }

  #move(by: number): void {
    this.#height = Math.max(0, this.#height + by);
    if (this.#height > this.#most) this.#most = this.#height;
  }

  #type(index: number): FunctionType | undefined {
    const type = this.#module.types[index];
    return type?.kind === "function" ? type : undefined;
  }
}

/** By how much a plain instruction moves the height, by opcode. Where that is not known it is nothing: none adds two. */
const EFFECTS: Int8Array = plainEffects();

function plainEffects(): Int8Array {
  const effects = new Int8Array(256);
  const set = (effect: number, ...ranges: readonly (readonly [first: number, last: number])[]): void => {
    for (const [first, last] of ranges) effects.fill(effect, first, last + 1);
  };
  // Constants, reads of locals and globals, memory.size, ref.null, ref.func.
  set(1, [0x20, 0x20], [0x23, 0x23], [0x3f, 0x3f], [0x41, 0x44], [0xd0, 0xd0], [0xd2, 0xd2]);
  // drop, writes of locals and globals, comparisons and arithmetic of two operands, ref.eq.
  set(-1, [0x1a, 0x1a], [0x21, 0x21], [0x24, 0x24], [0x46, 0x4f], [0x51, 0x66], [0x6a, 0x78], [0x7c, 0x8a]);
  set(-1, [0x92, 0x98], [0xa0, 0xa6], [0xd3, 0xd3]);
  // select, table.set, stores.
  set(-2, [0x1b, 0x1c], [0x26, 0x26], [0x36, 0x3e]);
  return effects;
}

/** Upper bounds: of the instructions with a prefix, only these take nothing, or nothing but as many operands as they say. */
function prefixedEffect(op: number): number {
  switch (op) {
    case OP.v128Const:
    case OP.tableSize:
    case STRUCT_NEW:
    case STRUCT_NEW_DEFAULT:
    case OP.arrayNewFixed:
      return 1;
    case OP.memoryFill:
    case OP.memoryCopy:
    case OP.memoryInit:
    case OP.tableFill:
    case OP.tableCopy:
    case OP.tableInit:
      return -3;
    default:
      return 0;
  }
}

const STRUCT_NEW = 0xfb << 12;
const STRUCT_NEW_DEFAULT = (0xfb << 12) | 1;
