import { beforeAll, describe, expect, test } from "vitest";
import { component, Sandbox, tool, ToolError } from "../../src/index.ts";
import type { SandboxOptions, Tool } from "../../src/index.ts";
import { shopComponent } from "../support/components/shop.ts";
import { wat } from "../support/wat.ts";

const CALC = "acme:orders/calc";

let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  bytes = await shopComponent();
});

const order = { id: "a", total: 12.5, tags: ["x"], extra: null };

function tools(getOrder: (input: Record<string, unknown>) => unknown = () => order): Record<string, Tool> {
  return {
    "acme:orders/api#get-order": tool({ run: getOrder }),
    greet: tool({ run: ({ name }: Record<string, unknown>) => `Hello, ${String(name)}!` }),
  };
}

async function shop(options: Omit<SandboxOptions, "guest"> = {}): Promise<Sandbox> {
  return await Sandbox.create({ guest: component(bytes), tools: tools(), ...options });
}

describe("a component", () => {
  test("is called with typed values by interface and function", async () => {
    const sandbox = await shop();
    expect(await sandbox.call(`${CALC}#echo`, "grüße")).toMatchObject({
      status: "ok",
      value: "grüße",
      sandbox: "kept",
    });
    expect(await sandbox.call(`${CALC}@1.2.0#echo`, "again")).toMatchObject({ status: "ok", value: "again" });
    expect(await sandbox.call(`${CALC}#add-up`, [1n, 2n, 3n])).toMatchObject({ status: "ok", value: 6n });
    expect(await sandbox.call("twice", 21)).toMatchObject({ status: "ok", value: 42 });
    sandbox.close();
  });

  test("has its imports served by tools of the same names", async () => {
    const seen: unknown[] = [];
    const sandbox = await shop({
      tools: tools((input) => {
        seen.push({ ...input });
        if (input["id"] === "none") throw new ToolError("no such order");
        return order;
      }),
    });
    expect(await sandbox.call("hello")).toMatchObject({ status: "ok", value: "Hello, world!" });
    expect(await sandbox.call(`${CALC}#total-of`, "a")).toMatchObject({ status: "ok", value: 12.5 });
    expect(seen).toEqual([{ id: "a", pageNo: "9007199254740993" }]);
    const failed = await sandbox.call(`${CALC}#total-of`, "none");
    expect(failed).toMatchObject({
      status: "error",
      error: { name: "ComponentError", message: "no such order" },
      sandbox: "kept",
    });
    expect(failed.calls).toHaveLength(1);
    sandbox.close();
  });

  test("is told when a tool cannot answer at once, or is stopped", async () => {
    const sandbox = await shop({
      tools: {
        ...tools(async () => await Promise.resolve(order)),
        greet: tool({
          run: () => {
            throw new ToolError("out");
          },
        }),
      },
    });
    expect(await sandbox.call(`${CALC}#total-of`, "a")).toMatchObject({
      status: "error",
      error: { message: 'it is asynchronous; components need synchronous tools, or execution "worker"' },
    });
    expect(await sandbox.call("hello")).toMatchObject({
      status: "error",
      error: { name: "Trap", message: 'tool "greet" failed: out' },
    });
    expect(await sandbox.call("twice", 1)).toMatchObject({ status: "ok", value: 2 });
    sandbox.close();
  });

  test("is stopped by fuel, time and memory, and starts afresh", async () => {
    const sandbox = await shop({ limits: { fuel: 100_000_000, memoryBytes: 8 * 2 ** 20 } });
    expect(await sandbox.call("spin")).toMatchObject({ status: "limit", limit: "fuel", sandbox: "reset" });
    expect(await sandbox.call("twice", 4)).toMatchObject({ status: "ok", value: 8 });
    expect(await sandbox.call("fill", 100)).toMatchObject({ status: "ok" });
    expect(await sandbox.call("fill", 100)).toMatchObject({ status: "limit", limit: "memory" });
    sandbox.close();
    const slow = await shop({ limits: { timeoutMs: 100 } });
    expect(await slow.call("spin")).toMatchObject({ status: "limit", limit: "time" });
    slow.close();
  });

  test("says what is wrong with a call", async () => {
    const sandbox = await shop();
    await expect(sandbox.call("nothing")).rejects.toThrow('Cannot call "nothing": the component exports');
    expect(await sandbox.call(`${CALC}#nothing`)).toMatchObject({ status: "error", error: { name: "TypeError" } });
    expect(await sandbox.call(`${CALC}#add-up`, 5)).toMatchObject({ status: "error", error: { name: "TypeError" } });
    expect(await sandbox.call("twice", 3)).toMatchObject({ status: "ok", value: 6 });
    expect(await sandbox.call(`${CALC}#constructor`)).toMatchObject({ status: "error" });
    expect(await sandbox.call(`${CALC}#__proto__`)).toMatchObject({ status: "error" });
    await expect(sandbox.run()).resolves.toMatchObject({
      status: "error",
      error: { message: 'The component has no function "wasi:cli/run#run"' },
    });
    sandbox.close();
  });

  test("does not load without what it imports", async () => {
    await expect(Sandbox.create({ guest: component(bytes) })).rejects.toThrow(
      'it imports "acme:orders/api@1.2.0" "get-order" (a tool named "acme:orders/api#get-order" would serve it), "greet" (a tool named "greet" would serve it), which this sandbox does not provide',
    );
    const { greet, ...rest } = tools();
    await expect(Sandbox.create({ guest: component(bytes), tools: rest })).rejects.toThrow('a tool named "greet"');
    expect(greet).toBeDefined();
    const alien = await wat(`(component (import "wasi:nn/tensor@0.2.0" (instance)))`);
    await expect(Sandbox.create({ guest: component(alien) })).rejects.toThrow('it imports "wasi:nn/tensor@0.2.0"');
    const future = await wat(`(component (import "wasi:cli/stdout@0.3.0" (instance)))`);
    await expect(Sandbox.create({ guest: component(future) })).rejects.toThrow('it imports "wasi:cli/stdout@0.3.0"');
  });
});

describe("a hostile component", () => {
  // jco writes names into the glue without escaping them: a quote would run as the host's own code.
  test.each(["a'b", 'a\\"b', "a`b", "a\\\\b", "a\\0ab", "a${x}", "__proto__", "');globalThis.broken=1;//"])(
    "with the core name %s does not load",
    async (name) => {
      const text = `(component
        (core module $m (func (export "${name}")))
        (core instance $i (instantiate $m))
        (alias core export $i "${name}" (core func $f))
        (func (export "run") (canon lift (core func $f))))`;
      await expect(Sandbox.create({ guest: component(await wat(text)) })).rejects.toMatchObject({
        code: "invalid-module",
      });
      expect(Reflect.get(globalThis, "broken")).toBeUndefined();
    },
  );

  test("whose bytes are cut or changed anywhere does not load, or loads as sealed as any other", async () => {
    let loaded = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const changed = bytes.slice(0, seed % 3 === 0 ? Math.floor((bytes.length * seed) / 41) : bytes.length);
      for (let at = 8 + ((seed * 7_919) % 97); at < changed.length; at += 1 + ((seed * 104_729) % 251))
        if ((at * seed) % 5 === 0) changed[at] = (at * seed) & 0xff;
      if (changed.length < 8) continue;
      try {
        const sandbox = await Sandbox.create({ guest: component(changed), tools: tools() });
        loaded += 1;
        await sandbox.call("twice", 1).catch(() => undefined);
        sandbox.close();
      } catch (error) {
        expect(error).toMatchObject({ name: "WardianError" });
      }
    }
    expect(loaded).toBeLessThan(40);
  });
});
