import { deliver, writeTurn } from "./channel";
import { callNoArgs, clearError, decRef, entry } from "./interpreter";
import { allocate, Bytes, newBytes, put, putDecimal, putJson, putWord, release, result } from "./memory";
import { getEnvironment, toolNames } from "./wasi";

// The exports of the component: a turn is one call of the prelude's `enter`, with a JSON message to read.

/** Whether the prelude has been told what differs between sandboxes. */
let awake: bool = false;
let turn: usize = 0;
let valueLimit: u32 = 0;

export function run(
  source: usize, sourceLength: usize, filename: usize, filenameLength: usize, args: usize, argCount: i32,
  path: usize, pathCount: i32, valueBytes: u32,
): usize {
  const message = newBytes();
  putWord(message, 0x3a22_706f_227b); // {"op":
  putWord(message, 0x0022_6e75_7222); // "run"
  putWord(message, 0x0063_7275_6f73_222c); // ,"sourc
  putWord(message, 0x003a_2265); // e":
  putText(message, source, sourceLength);
  putWord(message, 0x616e_656c_6966_222c); // ,"filena
  putWord(message, 0x3a22_656d); // me":
  putText(message, filename, filenameLength);
  putWord(message, 0x3a22_7367_7261_222c); // ,"args":
  putList(message, args, argCount);
  putWord(message, 0x4265_756c_6176_222c); // ,"valueB
  putWord(message, 0x3a22_7365_7479); // ytes":
  putDecimal(message, valueBytes);
  putWord(message, 0x3a22_6874_6170_222c); // ,"path":
  putList(message, path, pathCount);
  if (!awake) wake(message);
  put(message, 0x7d);
  valueLimit = valueBytes;
  return enter(message);
}

export function resume(settlements: usize, count: i32): usize {
  const message = newBytes();
  putWord(message, 0x3a22_706f_227b); // {"op":
  putWord(message, 0x0065_6d75_7365_7222); // "resume
  putWord(message, 0x0074_7465_7322_2c22); // ","sett
  putWord(message, 0x0073_746e_656d_656c); // lements
  putWord(message, 0x005b_3a22); // ":[
  for (let index = 0; index < count; index++) {
    const settlement = settlements + <usize>index * 16;
    if (index > 0) put(message, 0x2c);
    put(message, 0x5b);
    putDecimal(message, load<u64>(settlement));
    put(message, 0x2c);
    putText(message, load<usize>(settlement, 8), load<usize>(settlement, 12));
    put(message, 0x5d);
  }
  if (count > 0) release(settlements);
  putWord(message, 0x7d5d); // ]}
  return enter(message);
}

function enter(message: Bytes): usize {
  if (turn == 0) turn = allocate(16);
  deliver(message, valueLimit);
  const value = callNoArgs(entry);
  if (value == 0) clearError();
  else decRef(value);
  writeTurn(turn);
  return turn;
}

/** A text that the caller handed over: it is let go. */
function putText(message: Bytes, text: usize, length: usize): void {
  putJson(message, text, length);
  if (length > 0) release(text);
}

function putList(message: Bytes, list: usize, count: i32): void {
  put(message, 0x5b);
  for (let index = 0; index < count; index++) {
    if (index > 0) put(message, 0x2c);
    putText(message, load<usize>(list + (<usize>index << 3)), load<usize>(list + (<usize>index << 3), 4));
  }
  put(message, 0x5d);
  if (count > 0) release(list);
}

/** The first run: environment and tools. */
function wake(message: Bytes): void {
  awake = true;
  putWord(message, 0x006f_6f74_222c); // ,"too
  putWord(message, 0x3a22_736c); // ls":
  toolNames(result());
  putList(message, load<usize>(result()), load<i32>(result(), 4));
  putWord(message, 0x003a_2276_6e65_222c); // ,"env":
  put(message, 0x7b);
  getEnvironment(result());
  const list = load<usize>(result());
  const count = load<i32>(result(), 4);
  for (let index = 0; index < count; index++) {
    const pair = list + (<usize>index << 4);
    if (index > 0) put(message, 0x2c);
    putText(message, load<usize>(pair), load<usize>(pair, 4));
    put(message, 0x3a);
    putText(message, load<usize>(pair, 8), load<usize>(pair, 12));
  }
  put(message, 0x7d);
  if (count > 0) release(list);
}
