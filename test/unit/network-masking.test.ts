import fc from "fast-check";
import { expect, test } from "vitest";
import { MaskedBytes } from "../../src/capabilities/network/policy/mask-bytes.ts";
import { headerProblem } from "../../src/capabilities/network/policy/header-rules.ts";
import { fillSecrets, maskText, placeholderOf } from "../../src/capabilities/network/policy/secrets.ts";
import type { Secret } from "../../src/capabilities/network/policy/secrets.ts";

function secretsOf(values: readonly string[]): readonly Secret[] {
  return values.map((value, index) => ({
    name: `S${index}`,
    value,
    placeholder: placeholderOf(`S${index}`),
    origins: new Set<string>(),
    header: undefined,
  }));
}

function masked(values: readonly string[], pieces: readonly string[]): string {
  const mask = new MaskedBytes(secretsOf(values));
  const out = pieces.map((piece) => mask.push(new TextEncoder().encode(piece), false));
  return Buffer.concat([...out, mask.push(new Uint8Array(0), true)]).toString();
}

test("a stream without secrets passes as it is", () => {
  expect(masked([], ["a", "b"])).toBe("ab");
  expect(masked(["zzz"], ["a", "", "b"])).toBe("ab");
});

test("the longer of two secrets with one start is the one that is found", () => {
  expect(masked(["abc", "abcdef"], ["xabc", "defy"])).toBe("x{{secret.S1}}y");
  expect(masked(["abc", "abcdef"], ["xabc", "deg"])).toBe("x{{secret.S0}}deg");
});

test("how a stream is cut makes no difference, and no secret is left in it", () => {
  // Few letters, so that parts of secrets are everywhere.
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 40 });
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 8 }),
      fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 2, maxLength: 5 }), {
        minLength: 1,
        maxLength: 3,
      }),
      (pieces, values) => {
        const whole = masked(values, [pieces.join("")]);
        expect(masked(values, pieces)).toBe(whole);
        for (const part of whole.split(/\{\{secret\.S\d\}\}/))
          for (const value of values) expect(part).not.toContain(value);
      },
    ),
    { numRuns: 500 },
  );
});

test("a secret with letters beyond ASCII is found in the bytes of a header and in UTF-8", () => {
  const mask = new MaskedBytes(secretsOf(["clé-53"]));
  const bytes = Buffer.concat([Buffer.from("<clé-53>", "latin1"), Buffer.from("<clé-53>", "utf8")]);
  expect(Buffer.from(mask.push(bytes, true)).toString()).toBe("<{{secret.S0}}><{{secret.S0}}>");
});

test("of a secret that begins with another nothing is left in text", () => {
  expect(maskText(secretsOf(["abc", "abcdef"]), "x abcdef abc")).toBe("x {{secret.S1}} {{secret.S0}}");
});

test("a long body costs no more for a second secret that is not in it", () => {
  // 8 MiB of the one's first letter, through which each search for the other would go to the end.
  const body = new Uint8Array(8 * 2 ** 20).fill(0x61);
  const time = (values: readonly string[]): number => {
    const { user } = process.cpuUsage();
    new MaskedBytes(secretsOf(values)).push(body, true);
    return process.cpuUsage().user - user;
  };
  time(["ab"]);
  expect(time(["ab", "Zx"])).toBeLessThan(20 * time(["ab"]) + 1e6);
}, 60_000);

test("headers that a gateway reads as those of the host's are refused, whatever their spelling", () => {
  for (const name of [
    "X_HTTP_Method_Override",
    "transfer_encoding",
    "Content_Length",
    "x-forwarded-port",
    "True-Client-IP",
  ])
    expect([name, headerProblem(name, "1")]).toEqual([name, expect.stringContaining("is the host's to set") as string]);
  for (const name of ["x_custom", "x-api-key", "content-type"])
    expect([name, headerProblem(name, "1")]).toEqual([name, undefined]);
});

test("a secret's own header is the host's in every spelling", () => {
  const secret: Secret = {
    name: "KEY",
    value: "s3cret",
    placeholder: placeholderOf("KEY"),
    origins: new Set(["https://a.example"]),
    header: "x-api-key",
  };
  expect(
    fillSecrets([secret], "https://a.example", [
      ["x_api_key", "mine"],
      ["x-api_key", "mine"],
    ]),
  ).toMatchObject({
    headers: [["x-api-key", "s3cret"]],
  });
});
