import { describe, expect, test } from "vitest";
import { resolveNetwork } from "../../src/capabilities/network/policy/resolve-network.ts";
import { findRule } from "../../src/capabilities/network/policy/url-rules.ts";
import type { NetworkRule } from "../../src/capabilities/network/policy/network-policy.ts";

function allows(rule: string | NetworkRule, url: string, method = "GET"): boolean {
  return findRule(resolveNetwork({ allow: [rule] }, "x").rules, new URL(url), method).allowed;
}

describe("a rule", () => {
  test.each([
    ["https://api.example.com/v1/", "https://api.example.com/v1/", true],
    ["https://api.example.com/v1/", "https://api.example.com/v1/users?id=1#top", true],
    ["https://api.example.com/v1/", "https://api.example.com/v1", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1evil/", false],
    ["https://api.example.com/v1", "https://api.example.com/v1", true],
    ["https://api.example.com/v1", "https://api.example.com/v1/x", true],
    ["https://api.example.com/v1", "https://api.example.com/v1evil", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1/../admin", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1/%2e%2e/admin", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1/..%2fadmin", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1/..%5cadmin", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1/%252e%252e/admin", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1/..;/admin", false],
    ["https://api.example.com/v1/", "https://api.example.com/v1/.%00./admin", false],
    ["https://api.example.com/v1/", String.raw`https://api.example.com/v1\..\admin`, false],
    ["https://api.example.com/v1/", "https://api.example.com/V1/x", false],
    ["https://api.example.com/", "https://api.example.com/a%2fb", true],
    ["https://api.example.com/", "http://api.example.com/", false],
    ["https://api.example.com/", "https://api.example.com:444/", false],
    ["https://api.example.com:444/", "https://api.example.com:444/", true],
    ["https://api.example.com:443/", "https://api.example.com/", true],
    ["https://api.example.com/", "https://API.Example.COM/", true],
    ["https://api.example.com/", "https://api.example.com./", false],
    ["https://api.example.com/", "https://evilapi.example.com/", false],
    ["https://api.example.com/", "https://api.example.com.evil.test/", false],
    ["https://api.example.com/", "https://x.api.example.com/", false],
    ["https://*.example.com/", "https://a.example.com/", true],
    ["https://*.example.com/", "https://a.b.example.com/", true],
    ["https://*.example.com/", "https://example.com/", false],
    ["https://*.example.com/", "https://evilexample.com/", false],
    ["https://*.example.com/", "https://.example.com/", false],
    ["https://api.example.com/", "https://user:pw@api.example.com/", false],
    ["https://api.example.com/", "https://api.example.com@evil.test/", false],
    ["http://127.0.0.1/", "http://127.0.0.1/", true],
    ["http://127.0.0.1/", "http://0x7f.1/", true],
    ["http://127.0.0.1/", "http://127.0.0.2/", false],
    ["http://127.0.0.1/", "http://[::ffff:127.0.0.1]/", false],
  ])("%s, asked for %s: %s", (rule, url, expected) => {
    expect(allows(rule, url)).toBe(expected);
  });

  test("allows GET and HEAD, other methods only by name", () => {
    const url = "https://api.example.com/";
    expect(["GET", "HEAD", "POST", "DELETE"].map((method) => allows(url, url, method))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(["GET", "POST"].map((method) => allows({ url, methods: ["POST"] }, url, method))).toEqual([false, true]);
    expect(["GET", "PURGE"].map((method) => allows({ url, methods: "*" }, url, method))).toEqual([true, true]);
  });

  test("is named by the refusal that came nearest", () => {
    const { rules } = resolveNetwork(
      { allow: ["http://a.test/", "https://a.test/v1/", { url: "https://a.test/v2/", methods: ["PUT"] }] },
      "x",
    );
    const why = (url: string): unknown => findRule(rules, new URL(url), "GET");
    expect(why("https://b.test/")).toEqual({ allowed: false, rule: "no rule names this host" });
    expect(why("https://a.test:8/")).toEqual({
      allowed: false,
      rule: '"http://a.test/" is for another scheme or port',
    });
    expect(why("https://a.test/v3/")).toEqual({ allowed: false, rule: '"https://a.test/v1/" is for another path' });
    expect(why("https://a.test/v2/")).toEqual({ allowed: false, rule: '"https://a.test/v2/" is for PUT only' });
    expect(why("https://a.test./")).toEqual({
      allowed: false,
      rule: "the host must be a name without a dot at its end",
    });
    expect(why("ftp://a.test/")).toEqual({ allowed: false, rule: 'the scheme "ftp:" is not http or https' });
  });
});

describe("a policy", () => {
  test.each<readonly [unknown, string]>([
    ["all", "network must be an object"],
    [{}, "network.allow must be an array"],
    [{ allow: [], deny: [] }, 'network has no option "deny"'],
    [{ allow: [7] }, "network.allow[0] must be an object"],
    [{ allow: ["example.com"] }, "it is not a URL"],
    [{ allow: ["ftp://example.com/"] }, "its scheme must be http or https"],
    [{ allow: ["https://u:p@example.com/"] }, "it must have no user name or password"],
    [{ allow: ["https://example.com/?q"] }, "it must end with its path"],
    [{ allow: ["https://example.com./"] }, "without a dot at its end"],
    [{ allow: ["https://*.com/"] }, "a whole top-level domain is too much"],
    [{ allow: ["https://a.*.example.com/"] }, '"*" may only stand for all subdomains'],
    [{ allow: ["https://*/"] }, '"*" may only stand for all subdomains'],
    [{ allow: ["https://example.com/a%2fb/"] }, "no encoded dots"],
    [{ allow: [{ url: "https://example.com/", methods: ["get"] }] }, "in capitals"],
    [{ allow: [{ url: "https://example.com/", methods: [] }] }, "must be a list of methods"],
    [{ allow: [{ url: "https://example.com/", addresses: ["localhost"] }] }, "must be a list of IP addresses"],
    [{ allow: [], limits: { requests: -1 } }, "network.limits.requests must be an integer from 0"],
    [{ allow: [], limits: { time: 1 } }, 'network.limits has no option "time"'],
    [{ allow: [], redirects: 21 }, "network.redirects must be an integer from 0 to 20"],
    [
      { allow: [], secrets: { "a-b": { value: "x", hosts: ["a.test"] } } },
      'must be named with letters, digits and "_"',
    ],
    [{ allow: [], secrets: { A: { value: "", hosts: ["a.test"] } } }, "value must be a string that is not empty"],
    [{ allow: [], secrets: { A: { value: "x\r\ny", hosts: ["a.test"] } } }, "value cannot be sent in a header"],
    [{ allow: [], secrets: { A: { value: "x", hosts: [] } } }, "hosts must be a list"],
    [{ allow: [], secrets: { A: { value: "x", hosts: ["*.a.test"] } } }, "must be hosts"],
    [{ allow: [], secrets: { A: { value: "x", hosts: ["a.test/path"] } } }, "must be hosts"],
    [
      { allow: [], secrets: { A: { value: "x", hosts: ["a.test"], header: "Host" } } },
      "header is not a header that may be set",
    ],
  ])("%j is refused", (policy, message) => {
    expect(() => resolveNetwork(policy, "Cannot create")).toThrow(message);
  });

  test("never has the value of a secret in the message of its refusal", () => {
    for (const secret of [
      { value: "canary\n", hosts: ["a.test"] },
      { value: "canary", hosts: "no" },
      { value: "canary", hosts: ["a.test"], header: "\n" },
    ]) {
      let message = "";
      try {
        resolveNetwork({ allow: [], secrets: { A: secret } }, "Cannot create");
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain("network.secrets.A");
      expect(message).not.toContain("canary");
    }
  });

  test("that is left out allows nothing", () => {
    expect(resolveNetwork(undefined, "x")).toMatchObject({ rules: [], secrets: [] });
  });
});
