import { describe, expect, test } from "vitest";
import { attempt } from "../../src/hosts/node/host-directory/errno-failure.ts";
import { GrowthBudget } from "../../src/hosts/node/host-directory/growth-budget.ts";
import { NameRules } from "../../src/hosts/node/host-directory/name-rules.ts";

const checked = (rules: NameRules, name: string): unknown => attempt(() => rules.check(name));

describe("NameRules", () => {
  test("on Windows refuse devices, streams, drives and names that lose their end", () => {
    const windows = new NameRules([], true);
    const posix = new NameRules([], false);
    const devices = [
      "CON",
      "con",
      "NUL",
      "nul.txt",
      "COM1",
      "com9.tar.gz",
      "LPT1",
      "aux.txt",
      "PRN",
      "CONIN$",
      "conout$",
      "COM¹",
      "lpt³.x",
    ];
    const others = [
      "C:",
      "C:x",
      "a:b",
      "LPT1:",
      "a\\b",
      "..\\secret",
      "\\\\?\\C:",
      ".. ",
      "x.",
      "x ",
      "a*",
      "a?",
      "<a",
      "a|b",
      'a"b',
      "a\u0001b",
    ];
    for (const name of [...devices, ...others]) {
      expect([name, checked(windows, name)]).toEqual([name, "EINVAL"]);
      expect([name, checked(posix, name)]).toEqual([name, undefined]);
    }
    for (const name of ["console", "nulx", "com", "com10", "a.con", "lpt", ".x", "ü", "auxiliary.txt", "GIT~1"]) {
      expect([name, checked(windows, name)]).toEqual([name, undefined]);
    }
    expect(checked(new NameRules([".git"], true), "GIT~1")).toBe("EINVAL");
  });

  test("everywhere refuse what is no name, and what has no UTF-8", () => {
    for (const rules of [new NameRules([], true), new NameRules([], false)]) {
      for (const name of ["", ".", "..", "a/b", "/", "a\0", "\uD800", "a\uDFFF", "x".repeat(256)]) {
        expect([name, checked(rules, name)]).toEqual([name, "EINVAL"]);
      }
      expect(checked(rules, "😀")).toBeUndefined();
    }
  });

  test("hide by whole names with stars", () => {
    const rules = new NameRules([".git", ".env*", "*.pem", "a*b*c", "*secret*"], false);
    const hidden = [
      ".git",
      ".GIT",
      ".env",
      ".env.local",
      "k.pem",
      ".pem",
      "abc",
      "aXbYc",
      "abbcc",
      "abcbc",
      "secret",
      "my-Secrets",
      "ﬁle.pem",
      ".ｇit",
    ];
    const shown = [".gitignore", "git", "x.git", "env", ".en", "pem", "k.pem.txt", "acb", "ab", "ac", "bc", "secre"];
    expect(hidden.filter((name) => !rules.hides(name))).toEqual([]);
    expect(shown.filter((name) => rules.hides(name))).toEqual([]);
    expect(new NameRules(["a*a"], false).hides("a")).toBe(false);
    expect(new NameRules(["*"], false).hides("anything")).toBe(true);
    expect(new NameRules([], false).hides(".git")).toBe(false);
  });

  test("hide in time that does not explode with the stars", () => {
    const rules = new NameRules([`${"*a".repeat(60)}*b`], false);
    const start = performance.now();
    expect(rules.hides("a".repeat(255))).toBe(false);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe("attempt", () => {
  test("turns every failure into an errno and nothing else", () => {
    const failing = (error: unknown): unknown =>
      attempt(() => {
        throw error;
      });
    expect(failing(Object.assign(new Error("/home/me"), { code: "ENOENT" }))).toBe("ENOENT");
    expect(failing(Object.assign(new Error("/home/me"), { code: "EDQUOT" }))).toBe("ENOSPC");
    expect(failing(Object.assign(new Error("/home/me"), { code: "ENXIO" }))).toBe("EACCES");
    expect(failing(Object.assign(new Error("/home/me"), { code: "ESOMETHING" }))).toBe("EIO");
    expect(failing(Object.assign(new Error("/home/me"), { code: "__proto__" }))).toBe("EIO");
    expect(failing(new TypeError("/home/me"))).toBe("EIO");
    expect(failing("text")).toBe("EIO");
    expect(failing(undefined)).toBe("EIO");
    expect(attempt(() => 5)).toBe(5);
  });
});

describe("GrowthBudget", () => {
  test("counts growth, gives back what is cut, and never more than was taken", () => {
    const budget = new GrowthBudget(100, 1);
    const resize = (from: number, to: number): unknown => attempt(() => budget.resize(from, to));
    expect([resize(1e9, 0), resize(0, 60), resize(0, 60), resize(0, 101), resize(60, 100), resize(100, 101)]).toEqual([
      undefined,
      undefined,
      "ENOSPC",
      "EFBIG",
      undefined,
      "ENOSPC",
    ]);
    expect([resize(100, 50), resize(0, 50), resize(0, 1)]).toEqual([undefined, undefined, "ENOSPC"]);
    expect(attempt(() => budget.takeEntry())).toBeUndefined();
    expect(attempt(() => budget.takeEntry())).toBe("ENOSPC");
    budget.returnEntry();
    expect(attempt(() => budget.takeEntry())).toBeUndefined();
  });
});
