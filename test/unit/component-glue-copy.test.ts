// Tables of handles in a snapshot may say anything. What no glue could have kept is refused before it is used: a free list
// that goes round would hang the next call.
import { describe, expect, test } from "vitest";
import { createGlueState } from "../../src/guests/component/glue-state.ts";
import type { GlueState, HandleTable } from "../../src/guests/component/glue-state.ts";
import { copyGlue, restoreGlue } from "../../src/guests/component/glue-copy.ts";
import { NeverMade } from "../../src/wasi/preview2/host/never-made.ts";
import type { Preview2Host } from "../../src/wasi/preview2/host/preview2-host.ts";

const FLAG = 1 << 30;
const host = { retain: () => undefined } as unknown as Preview2Host;

function table(...words: number[]): HandleTable {
  return Object.assign(words, { _createdReps: new Set([7]) });
}

function glue(handles: HandleTable = table(FLAG, 0)): GlueState {
  const state = createGlueState();
  state.handleTables[1] = handles;
  state.captures[1] = { objects: new Map(), last: 0 };
  return state;
}

describe("a copy of a component's handles", () => {
  test("is put back as it was, free places and all", () => {
    const resource = new NeverMade(host);
    // Handle 1 is free, 2 is held, 3 is free and leads to 1.
    const state = glue(table(3 | FLAG, 0, FLAG, 5 | FLAG, 0, 7 | FLAG, 1 | FLAG, 9 | FLAG));
    state.captures[1] = { objects: new Map([[7, resource]]), last: 9 };
    const copy = structuredClone(copyGlue(state, () => 0));
    const other = glue();
    expect(restoreGlue(copy, other, [resource])).toBe(true);
    expect([...(other.handleTables[1] ?? [])]).toStrictEqual([...(state.handleTables[1] ?? [])]);
    expect(other.handleTables[1]?._createdReps).toStrictEqual(new Set([7]));
    expect(other.captures[1]).toStrictEqual(state.captures[1]);
  });

  test.each<[string, number[]]>([
    ["a free list that goes round", [1 | FLAG, 0, 2 | FLAG, 1 | FLAG, 1 | FLAG, 1 | FLAG]],
    ["a free list that leads out", [9 | FLAG, 0, 0, 1 | FLAG]],
    ["a free list that leads to a handle in use", [1 | FLAG, 0, 0, 1 | FLAG]],
    ["a place that is neither free nor held", [FLAG, 0, FLAG, 1 | FLAG]],
    ["a handle that is lent", [FLAG, 0, 3, 1]],
    ["a handle of nothing", [FLAG, 0, 0, FLAG]],
    ["half a handle", [FLAG, 0, 0]],
    ["no words", []],
    ["words that are none", [FLAG, 0, 0, 1.5]],
    ["words beyond 32 bits", [FLAG, 0, 0, 2 ** 40]],
  ])("is refused with %s", (_name, words) => {
    expect(restoreGlue({ tables: [undefined, [words, []]], captures: [undefined, [0, []]] }, glue(), [])).toBe(false);
  });

  test.each<[string, unknown]>([
    [
      "a resource under two handles",
      [
        2,
        [
          [1, 0],
          [2, 0],
        ],
      ],
    ],
    ["a resource that there is not", [2, [[1, 1]]]],
    ["a representation that was not given out", [2, [[3, 0]]]],
    ["a representation of nothing", [2, [[0, 0]]]],
    ["a count that is none", [-1, []]],
    ["no list", [2, "all"]],
  ])("is refused with %s", (_name, capture) => {
    const copy = { tables: [undefined, [[FLAG, 0], []]], captures: [undefined, capture] };
    expect(restoreGlue(copy, glue(), [new NeverMade(host)])).toBe(false);
  });

  test("is refused with fewer tables than the component has, or far more", () => {
    const one = [[FLAG, 0], []];
    for (const tables of [[], [one], [undefined, undefined], [undefined, ...new Array<unknown>(1_024).fill(one)]])
      expect(restoreGlue({ tables, captures: [undefined, [0, []]] }, glue(), [])).toBe(false);
    expect(restoreGlue(null, glue(), [])).toBe(false);
  });

  test("is not made of a handle that is lent", () => {
    expect(() => copyGlue(glue(table(FLAG, 0, 3, 1)), () => 0)).toThrow("Cannot copy a component: a handle is lent");
  });
});
