// Resources of a component's own as values of `call`: the host holds handles, as data, and gives them back.
import { beforeAll, describe, expect, test } from "vitest";
import { component, Sandbox } from "../../src/index.ts";
import { keeperComponent } from "../support/components/keeper.ts";
import { kept } from "../support/kept-sandboxes.ts";

const BOX = "test:keeper/box";
const ITEM = `${BOX}#item`;

let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  bytes = await keeperComponent();
});

async function keeper(): Promise<Sandbox> {
  return await kept(Sandbox.create({ guest: component(bytes) }));
}

async function value(sandbox: Sandbox, name: string, ...args: unknown[]): Promise<unknown> {
  const result = await sandbox.call(name, ...args);
  if (result.status !== "ok") throw new Error(JSON.stringify(result));
  return result.value;
}

describe("a resource of a component's", () => {
  test("is made, used, lent and given back by its handle", async () => {
    const sandbox = await keeper();
    const first = await value(sandbox, `${BOX}#[constructor]item`, 5);
    expect({ ...(first as object) }).toStrictEqual({ resource: ITEM, handle: 1 });
    const second = await value(sandbox, `${BOX}#[static]item.twin`, 10);
    await value(sandbox, `${BOX}#[method]item.add`, first, 2);
    expect(await value(sandbox, `${BOX}#[method]item.get`, first)).toBe(7);
    // As data it may have been anywhere meanwhile.
    const copied: unknown = JSON.parse(JSON.stringify(second));
    expect(await value(sandbox, `${BOX}#both`, first, copied)).toBe(27);
    expect(await value(sandbox, `${BOX}#alive`)).toBe(2);
    expect(await value(sandbox, `${BOX}#take`, first)).toBe(7);
    expect(await value(sandbox, `${BOX}#alive`)).toBe(1);
    expect(await sandbox.call(`${BOX}#[method]item.get`, first)).toMatchObject({
      status: "error",
      error: { name: "TypeError", message: "The first argument is no handle of a item that the host holds" },
    });
  });

  test("is dropped by its owner, and with a reset", async () => {
    const sandbox = await keeper();
    const [first, second] = (await value(sandbox, `${BOX}#many`, 3)) as unknown[];
    await value(sandbox, `${BOX}#[resource-drop]item`, first);
    expect(await value(sandbox, `${BOX}#alive`)).toBe(2);
    await sandbox.reset();
    expect(await sandbox.call(`${BOX}#[method]item.get`, second)).toMatchObject({ status: "error" });
    expect(await value(sandbox, `${BOX}#alive`)).toBe(0);
  });

  test("is not made up by the host, nor mistaken for data", async () => {
    const sandbox = await keeper();
    await value(sandbox, `${BOX}#[constructor]item`, 5);
    for (const handle of [
      { resource: ITEM, handle: 2 },
      { resource: "test:other/box#item", handle: 1 },
      { resource: ITEM, handle: "1" },
      { resource: ITEM, handle: 1, more: 1 },
      null,
      7,
    ]) {
      expect(await sandbox.call(`${BOX}#[method]item.get`, handle)).toMatchObject({ status: "error" });
      await sandbox.reset();
      await value(sandbox, `${BOX}#[constructor]item`, 5);
    }
    for (const name of ["[method]item.constructor", "[static]item.prototype", "[method]item", "[constructor]other"])
      expect(await sandbox.call(`${BOX}#${name}`)).toMatchObject({ status: "error", error: { name: "TypeError" } });
  });

  test("is held up to a bound; what is over it is dropped at once", async () => {
    const sandbox = await keeper();
    expect(await value(sandbox, `${BOX}#many`, 1_000)).toHaveLength(1_000);
    expect(await sandbox.call(`${BOX}#many`, 25)).toMatchObject({
      status: "error",
      error: { name: "RangeError", message: "The host holds at most 1024 resources of a component at a time" },
      sandbox: "kept",
    });
    expect(await value(sandbox, `${BOX}#alive`)).toBe(1_000);
    expect(await value(sandbox, `${BOX}#many`, 24)).toHaveLength(24);
    const tight = await sandbox.call({ function: `${BOX}#many`, limits: { outputBytes: 100 } }, 24);
    expect(tight.status).not.toBe("ok");
    expect(await value(sandbox, `${BOX}#alive`)).toBe(1_024);
  });

  test("goes with copies, under the same handle", async () => {
    const sandbox = await keeper();
    const items = (await value(sandbox, `${BOX}#many`, 3)) as unknown[];
    await value(sandbox, `${BOX}#[resource-drop]item`, items[0]);
    const snapshot = await sandbox.snapshot();
    const copies = [await kept(sandbox.fork())];
    copies.push(await kept(Sandbox.restore(snapshot, { guest: component(bytes), execution: "worker" })));
    for (const copy of [...copies, sandbox]) {
      expect(await value(copy, `${BOX}#both`, items[1], items[2])).toBe(3);
      expect(await value(copy, `${BOX}#take`, items[2])).toBe(2);
      expect(await value(copy, `${BOX}#alive`)).toBe(1);
      expect({ ...((await value(copy, `${BOX}#[constructor]item`, 9)) as object) }).toStrictEqual({
        resource: ITEM,
        handle: 4,
      });
    }
  });
});
