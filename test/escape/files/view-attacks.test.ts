// Class C of the shared attack corpus: everything that can be said as a path or a file operation, over a memory
// directory and a host directory.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { FileSystem } from "../../../src/capabilities/files/file-system.ts";
import { memoryDirectory } from "../../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView, type OwnedFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { namesIn, ok, openedFile, readText, writeText } from "../../support/file-text.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const corpus = path.resolve(import.meta.dirname, "../../../../shared/attacks/attacks.json");
const READ = { read: true, write: false };
const SECRET = "canary-b41c";

interface Attack {
  readonly id: string;
  readonly cls: string;
  readonly code: string;
}

/** Two worlds with a writable "/data" and a second mount "/other"; beside "/data" lies a secret that is not mounted. */
function world(kind: "memory" | "host"): OwnedFileView {
  const files = { "a/f": "inside", x: "inside", "dir/f": "inside" };
  let data: FileSystem;
  if (kind === "memory") {
    data = memoryDirectory({ files, maxBytes: 1e6, maxEntries: 100 });
  } else {
    const base = temporaryDirectory();
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(path.join(base, "data", path.dirname(name)), { recursive: true });
      writeFileSync(path.join(base, "data", name), content);
    }
    writeFileSync(path.join(base, "secret"), SECRET);
    mkdirSync(path.join(base, "etc"));
    writeFileSync(path.join(base, "etc/passwd"), SECRET);
    symlinkSync("../secret", path.join(base, "data/link"));
    data = hostDirectory({
      path: path.join(base, "data"),
      mode: "read-write",
      maxBytes: 1e6,
      maxEntries: 100,
      hide: [".git", ".env"],
    });
  }
  const other = memoryDirectory({ files: { y: "other" }, mode: "read-only" });
  const mounts = new Map<string, FileSystem>([
    ["/data", data],
    ["/other", other],
  ]);
  return createFileView({ mounts, now: () => 0 });
}

/** Opens a path in every way; returns what came of it. Nothing may be read that is not in a mount. */
function tryPath(view: OwnedFileView, target: string): string {
  const text = readText(view, target);
  expect([target, text.includes("canary") || text.includes("root:")]).toEqual([target, false]);
  const linked = view.open(target, { ...READ, noFollow: true });
  if (typeof linked !== "string") linked.close();
  view.stat(target, true);
  view.readLink(target);
  return text;
}

type Check = (view: OwnedFileView, kind: "memory" | "host") => void;
const denied =
  (...paths: readonly string[]): Check =>
  (view) => {
    for (const target of paths) expect([target, tryPath(view, target)]).toEqual([target, "ENOENT"]);
  };
/** The name is a plain one: it can be made and stays beside the others. */
const literal =
  (...names: readonly string[]): Check =>
  (view) => {
    for (const name of names) {
      expect([name, tryPath(view, `/data/${name}/secret`)]).toEqual([name, "ENOENT"]);
      expect([name, writeText(view, `/data/${name}`, "plain")]).toEqual([name, undefined]);
      expect(namesIn(view, "/data")).toContain(name);
      expect([name, readText(view, `/data/${name}`)]).toEqual([name, "plain"]);
    }
  };

const CHECKS: Readonly<Record<string, Check>> = {
  C02: denied("/data/a/../../../etc/passwd"),
  C03: denied("/data//..//..//etc/passwd"),
  C05: (view) => expect(namesIn(view, "/data/..")).toEqual(["data", "other"]),
  C07: literal("%2e%2e"),
  C08: literal("..%2fsecret"),
  C10: (view) => expect(view.open("/data/x\0/../../etc/passwd", READ)).toBe("EINVAL"),
  C12: literal("\u2025"),
  C13: literal(".. "),
  C15: denied("/data/link"),
  C17: (view, kind) => {
    expect(view.symlink("..", "/data/up")).toBe(kind === "host" ? "EPERM" : undefined);
    expect(tryPath(view, "/data/up/../secret")).toBe("ENOENT");
    expect(tryPath(view, "/data/up/secret")).toBe("ENOENT");
  },
  C18: (view, kind) => {
    view.symlink("/data/n", "/data/m");
    view.symlink("/data/m", "/data/n");
    expect(tryPath(view, "/data/m")).toBe(kind === "host" ? "ENOENT" : "ELOOP");
  },
  C20: (view) => {
    expect(view.link("/data/x", "/other/x")).toBe("EXDEV");
    expect(view.rename("/data/x", "/other/x")).toBe("EXDEV");
    expect(view.link("/other/y", "/data/y")).toBe("EXDEV");
  },
  C22: (view) => {
    expect(view.rename("/data/dir", "/data/dir/sub")).toBe("EINVAL");
    expect(readText(view, "/data/dir/f")).toBe("inside");
  },
  // The race is in files-host.test.ts, with a rival process.
  C23: (view) => expect(readText(view, "/data/dir/f")).toBe("inside"),
  C25: denied("/proc/self/root/etc/passwd", "/data/proc/self/root/etc/passwd"),
  C27: denied("/dev/tty", "/dev/mem", "/dev/zero", "/dev/sda"),
  C28: denied("/sys/kernel", "/run/secrets/kubernetes.io/serviceaccount/token", "/var/run/docker.sock"),
  // On Windows these are refused in a host directory: files-host-names.test.ts covers the rule.
  C30: literal("CON", "NUL", "COM1", "aux.txt", "LPT1:"),
  C32: literal("C:\\Windows\\win.ini", "C:x", "\\\\?\\C:\\", "\\\\srv\\share"),
  C33: literal("\\\\.\\pipe\\x"),
  C35: (view) => {
    literal("\u00E9", "e\u0301")(view, "memory");
    expect(writeText(view, "/data/\u00E9", "one")).toBeUndefined();
    expect(readText(view, "/data/e\u0301")).toBe("plain");
  },
  C37: (view) => {
    let made = 0;
    while (made < 1_000 && writeText(view, `/data/many${made}`, "") === undefined) made += 1;
    expect(made).toBeLessThanOrEqual(100);
    expect(view.makeDirectory("/data/one-more")).toBe("ENOSPC");
  },
  C38: (view) => {
    const file = openedFile(view.open("/data/sparse", { read: true, write: true, create: true }));
    expect(file.handle.write(Uint8Array.of(1), 2 ** 40)).toBe("EFBIG");
    expect(file.handle.truncate(2 ** 40)).toBe("EFBIG");
    expect(ok(file.handle.stat()).size).toBe(0);
    file.close();
  },
  C40: (view) => {
    const file = openedFile(view.open("/other/y", READ));
    expect(file.handle.write(Uint8Array.of(1), 0)).toBe("EBADF");
    file.close();
    expect([
      view.open("/other/y", { read: true, write: true }),
      view.open("/other/y", { read: true, write: false, truncate: true }),
      view.open("/other/y", { read: false, write: false, append: true }),
      view.open("/other/new", { read: true, write: true, create: true }),
      view.setTimes("/other/y", { modifiedMs: 0 }, true),
    ]).toEqual(["EROFS", "EROFS", "EROFS", "EROFS", "EROFS"]);
    expect(readText(view, "/other/y")).toBe("other");
  },
  // A view has no mode bits, owners, attributes or device nodes: there is no method to ask with.
  C42: (view) => {
    const methods = new Set<string>();
    for (
      let at: object | null = view;
      at !== null && at !== Object.prototype;
      at = Object.getPrototypeOf(at) as object | null
    ) {
      for (const name of Object.getOwnPropertyNames(at)) methods.add(name);
    }
    for (const name of methods) expect(name).not.toMatch(/mode|chmod|chown|owner|attribute|mknod|device/i);
  },
  C43: (view) => {
    const results = new Set<unknown>();
    for (let index = 0; index < 10_000; index += 1) {
      const file = view.open("/data/x", READ);
      results.add(typeof file === "string" ? file : file.kind);
    }
    expect(results).toEqual(new Set(["file", "EMFILE"]));
    expect(view.openFiles).toBe(256);
    view.closeAll();
    expect(readText(view, "/data/x")).toBe("inside");
  },
  C45: (view) => {
    const file = openedFile(view.open("/data/x", { read: true, write: true }));
    file.close();
    const next = openedFile(view.open("/data/dir/f", { read: true, write: true }));
    expect([file.handle.read(new Uint8Array(1), 0), file.handle.write(new Uint8Array(1), 0)]).toEqual([
      "EBADF",
      "EBADF",
    ]);
    view.dispose();
    expect([next.handle.read(new Uint8Array(1), 0), next.handle.stat()]).toEqual(["EBADF", "EBADF"]);
  },
  C47: (view, kind) => {
    if (kind === "memory") return;
    expect(view.makeDirectory("/data/.git")).toBe("EACCES");
    expect(writeText(view, "/data/.env", "x")).toBe("EACCES");
    expect(view.rename("/data/dir", "/data/.git")).toBe("EACCES");
  },
  // Names come back exactly as they are; whoever prints them escapes them. A denial carries the guest's own spelling.
  C48: (view) => {
    literal("\u202Egnp.exe", "\u001B[31mred")(view, "memory");
    expect(view.makeDirectory("/other/\u001B[2J")).toBe("EROFS");
    expect(view.usage.denials).toEqual([
      { operation: "makeDirectory", path: "/other/\u001B[2J", error: "EROFS", count: 1 },
    ]);
  },
  // No archive is unpacked here; what a guest's own tar would do ends in these calls.
  C50: (view) => {
    expect(view.link("/etc/passwd", "/data/passwd")).toBe("ENOENT");
    expect(view.link("/data/../../../etc/passwd", "/data/passwd")).toBe("ENOENT");
  },
};

describe.skipIf(!existsSync(corpus))("class C of the attack corpus (skipped: ../shared/attacks is not here)", () => {
  let attacks: readonly Attack[] = [];
  beforeAll(() => {
    attacks = (JSON.parse(readFileSync(corpus, "utf8")) as Attack[]).filter(({ cls }) => cls === "C");
  });

  test("is covered case by case", () => {
    expect(attacks.map(({ id }) => id).toSorted()).toEqual(Object.keys(CHECKS).toSorted());
  });

  test("has no path, taken as it is written, that reads anything outside of the mounts", () => {
    for (const kind of ["memory", "host"] as const) {
      const view = world(kind);
      for (const { code } of attacks) {
        for (const target of [code, `/data/${code}`, `/data/../${code}`, ...code.split(/[,;'"() ]+/)])
          tryPath(view, target);
      }
      expect(view.openFiles).toBe(0);
      view.dispose();
    }
  });
});

describe.each(["memory", "host"] as const)("file attacks on a %s directory", (kind) => {
  test.each(Object.keys(CHECKS))("%s has no effect", (id) => {
    const view = world(kind);
    CHECKS[id]?.(view, kind);
    view.dispose();
  });
});
