/**
 * Opcodes that rewriting treats one by one. A prefixed opcode is `prefix << 12 | sub-opcode`.
 * Source: WebAssembly 3.0 core specification, "Instructions" of the binary format; legacy exception handling proposal.
 */
export const OP = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  callRef: 0x14,
  returnCallRef: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  select: 0x1b,
  selectTyped: 0x1c,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableGet: 0x25,
  tableSet: 0x26,
  i32Load: 0x28,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64LtU: 0x54,
  i64GtU: 0x56,
  i64LeU: 0x58,
  i64GeU: 0x5a,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  refNull: 0xd0,
  refFunc: 0xd2,
  brOnNull: 0xd5,
  brOnNonNull: 0xd6,
  arrayNew: 0xfb006,
  arrayNewDefault: 0xfb007,
  arrayNewFixed: 0xfb008,
  arrayNewData: 0xfb009,
  arrayNewElem: 0xfb00a,
  arrayFill: 0xfb010,
  arrayCopy: 0xfb011,
  arrayInitData: 0xfb012,
  arrayInitElem: 0xfb013,
  brOnCast: 0xfb018,
  brOnCastFail: 0xfb019,
  memoryInit: 0xfc008,
  dataDrop: 0xfc009,
  memoryCopy: 0xfc00a,
  memoryFill: 0xfc00b,
  tableInit: 0xfc00c,
  elemDrop: 0xfc00d,
  tableCopy: 0xfc00e,
  tableGrow: 0xfc00f,
  tableSize: 0xfc010,
  tableFill: 0xfc011,
  v128Const: 0xfd00c,
  atomicNotify: 0xfe000,
  atomicWait32: 0xfe001,
  atomicWait64: 0xfe002,
  atomicFence: 0xfe003,
} as const;

/** What follows an opcode. */
export const IMMEDIATE = {
  unknown: 0,
  none: 1,
  block: 2,
  /** One unsigned index: a local, a global, a function, a label… */
  index: 3,
  twoIndices: 4,
  branchTable: 5,
  valueTypes: 6,
  tryTable: 7,
  memory: 8,
  s32: 9,
  s64: 10,
  bytes4: 11,
  bytes8: 12,
  bytes16: 13,
  heapType: 14,
  castBranch: 15,
  lane: 16,
  memoryLane: 17,
} as const;

/** Kinds of immediates of the one-byte opcodes. */
export const PLAIN_IMMEDIATES: Uint8Array = plainImmediates();
/** The same by sub-opcode for the prefixes 0xFB (GC), 0xFC (bulk and saturating), 0xFD (SIMD), 0xFE (atomics). */
export const PREFIXED_IMMEDIATES: ReadonlyMap<number, Uint8Array> = new Map([
  [0xfb, gcImmediates()],
  [0xfc, bulkImmediates()],
  [0xfd, simdImmediates()],
  [0xfe, atomicImmediates()],
]);

function plainImmediates(): Uint8Array {
  const table = new Uint8Array(256);
  const set = (kind: number, ...opcodes: readonly number[]): void => {
    for (const opcode of opcodes) table[opcode] = kind;
  };
  set(IMMEDIATE.none, 0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b, 0xd1, 0xd3, 0xd4);
  set(IMMEDIATE.block, 0x02, 0x03, 0x04, 0x06);
  set(IMMEDIATE.index, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x14, 0x15, 0x18, 0xd2, 0xd5, 0xd6);
  set(IMMEDIATE.index, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40);
  set(IMMEDIATE.twoIndices, 0x11, 0x13);
  set(IMMEDIATE.branchTable, 0x0e);
  set(IMMEDIATE.valueTypes, 0x1c);
  set(IMMEDIATE.tryTable, 0x1f);
  table.fill(IMMEDIATE.memory, 0x28, 0x3f);
  set(IMMEDIATE.s32, 0x41);
  set(IMMEDIATE.s64, 0x42);
  set(IMMEDIATE.bytes4, 0x43);
  set(IMMEDIATE.bytes8, 0x44);
  table.fill(IMMEDIATE.none, 0x45, 0xc5);
  set(IMMEDIATE.heapType, 0xd0);
  return table;
}

function gcImmediates(): Uint8Array {
  const table = new Uint8Array(31).fill(IMMEDIATE.none);
  for (const opcode of [0, 1, 6, 7, 11, 12, 13, 14, 16]) table[opcode] = IMMEDIATE.index;
  for (const opcode of [2, 3, 4, 5, 8, 9, 10, 17, 18, 19]) table[opcode] = IMMEDIATE.twoIndices;
  table.fill(IMMEDIATE.heapType, 20, 24);
  table.fill(IMMEDIATE.castBranch, 24, 26);
  return table;
}

function bulkImmediates(): Uint8Array {
  const table = new Uint8Array(18).fill(IMMEDIATE.none);
  for (const opcode of [9, 11, 13, 15, 16, 17]) table[opcode] = IMMEDIATE.index;
  for (const opcode of [8, 10, 12, 14]) table[opcode] = IMMEDIATE.twoIndices;
  return table;
}

function simdImmediates(): Uint8Array {
  const table = new Uint8Array(0x114).fill(IMMEDIATE.none);
  table.fill(IMMEDIATE.memory, 0, 12);
  table.fill(IMMEDIATE.bytes16, 12, 14);
  table.fill(IMMEDIATE.lane, 21, 35);
  table.fill(IMMEDIATE.memoryLane, 84, 92);
  table.fill(IMMEDIATE.memory, 92, 94);
  // Gaps of the opcode space (SIMD proposal, BinarySIMD.md).
  for (const gap of [
    0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2,
    0xee,
  ]) {
    table[gap] = IMMEDIATE.unknown;
  }
  return table;
}

function atomicImmediates(): Uint8Array {
  const table = new Uint8Array(0x4f);
  table.fill(IMMEDIATE.memory, 0, 3);
  table[3] = IMMEDIATE.lane;
  table.fill(IMMEDIATE.memory, 0x10, 0x4f);
  return table;
}
