import fc from "fast-check";
import { expect, test } from "vitest";
import { MaskedBytes } from "../../src/capabilities/network/policy/mask-bytes.ts";
import { placeholderOf } from "../../src/capabilities/network/policy/secrets.ts";
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
