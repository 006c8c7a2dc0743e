// A component that nobody here wrote: SpiderMonkey with fetch, 12 MB, made by componentize-js from a line of JavaScript.
import { componentize } from "@bytecodealliance/componentize-js";
import { describe, expect, test } from "vitest";
import { component, Sandbox } from "../../../src/node.ts";
import { useHttpFixture } from "../../support/http-fixture.ts";

const SOURCE = `
export async function get(url) { const response = await fetch(url); return \`\${response.status} \${await response.text()}\`; }
export function add(a, b) { return a + b; }`;

const WIT = `package example:fetching;
world fetching { export get: func(url: string) -> string; export add: func(a: u32, b: u32) -> u32; }`;

if (process.env["WARDIAN_STARLINGMONKEY"] === undefined) {
  test.skip("StarlingMonkey as a component: set WARDIAN_STARLINGMONKEY=1; building it takes half a minute", () =>
    undefined);
} else {
  const fixture = useHttpFixture();

  describe("StarlingMonkey as a component", () => {
    test("computes, and fetches what the sandbox's network allows", { timeout: 300_000 }, async () => {
      const { component: bytes } = await componentize(SOURCE, {
        witWorld: WIT,
        worldName: "fetching",
        disableFeatures: ["fetch-event"],
      } as never);
      const sandbox = await Sandbox.create({
        guest: component(bytes),
        network: { allow: [{ url: `${fixture.origin}/`, methods: "*" }] },
        limits: { timeoutMs: 60_000 },
      });
      expect(await sandbox.call("add", 1, 2)).toMatchObject({ status: "ok", value: 3 });
      const fetched = await sandbox.call("get", `${fixture.origin}/bytes?n=10`);
      expect(fetched).toMatchObject({ status: "ok", value: "200 xxxxxxxxxx", usage: { requests: 1 } });
      const refused = await sandbox.call("get", "http://example.com/x");
      expect(refused).toMatchObject({
        status: "error",
        denials: [{ what: "network.GET", where: "http://example.com/x" }],
      });
      expect(await sandbox.call("add", 3, 4)).toMatchObject({ status: "ok", value: 7 });
      sandbox.close();
      const closed = await Sandbox.create({ guest: component(bytes), limits: { timeoutMs: 60_000 } });
      const ungranted = await closed.call("get", `${fixture.origin}/bytes?n=10`);
      expect(ungranted).toMatchObject({
        status: "error",
        denials: [{ what: "network.GET", rule: "no network was granted" }],
      });
      closed.close();
    });
  });
}
