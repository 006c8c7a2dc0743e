import { memoryDirectory } from "../../../src/index.ts";
import { hostDirectory } from "../../../src/hosts/node/host-directory/host-directory.ts";
import type { Attack } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import type { Scene } from "../harness/scene.ts";

/** One call of a guest's file functions, by our name for it. */
export type Operation = readonly [name: keyof typeof JAVASCRIPT_CALLS, ...args: (string | number)[]];

/** How each language says it. Both read what stands in `a`, its arguments. */
const JAVASCRIPT_CALLS = {
  read: "fs.readFileSync(a[0], 'utf8')",
  list: "fs.readdirSync(a[0]).sort().join()",
  stat: "fs.statSync(a[0]).isFile()",
  lstat: "fs.lstatSync(a[0]).isSymbolicLink()",
  write: "fs.writeFileSync(a[0], a[1])",
  append: "fs.appendFileSync(a[0], a[1])",
  mkdir: "fs.mkdirSync(a[0])",
  unlink: "fs.unlinkSync(a[0])",
  rmdir: "fs.rmdirSync(a[0])",
  rename: "fs.renameSync(a[0], a[1])",
  link: "fs.linkSync(a[0], a[1])",
  symlink: "fs.symlinkSync(a[0], a[1])",
  truncate: "fs.truncateSync(a[0], a[1])",
  utimes: "fs.utimesSync(a[0], 1, 1)",
  real: "fs.realpathSync(a[0])",
  copy: "fs.copyFileSync(a[0], a[1])",
} as const;

const PYTHON_CALLS = {
  read: "open(a[0], encoding='utf8').read()",
  list: "','.join(sorted(os.listdir(a[0])))",
  stat: "stat.S_ISREG(os.stat(a[0]).st_mode)",
  lstat: "os.path.islink(a[0]) if os.lstat(a[0]) else 0",
  write: "open(a[0], 'w').write(a[1]) and None",
  append: "open(a[0], 'a').write(a[1]) and None",
  mkdir: "os.mkdir(a[0])",
  unlink: "os.unlink(a[0])",
  rmdir: "os.rmdir(a[0])",
  rename: "os.rename(a[0], a[1])",
  link: "os.link(a[0], a[1])",
  symlink: "os.symlink(a[0], a[1])",
  truncate: "os.truncate(a[0], a[1])",
  utimes: "os.utime(a[0], (1, 1))",
  real: "os.path.realpath(a[0], strict=True)",
  copy: "shutil.copyfile(a[0], a[1]) and None",
} as const;

const javascript = (operations: readonly Operation[]): string => `
const { default: fs } = await import("node:fs");
const calls = { ${Object.entries(JAVASCRIPT_CALLS)
  .map(([name, call]) => `${name}: (a) => ${call}`)
  .join(", ")} };
const outcomes = [];
for (const [name, ...a] of ${JSON.stringify(operations)}) {
  try { outcomes.push(String(calls[name](a) ?? "done")) } catch (e) { outcomes.push(e.code ?? e.name) }
}
outcomes`;

const python = (operations: readonly Operation[]): string => `
import os, stat, shutil, json, errno
calls = {${Object.entries(PYTHON_CALLS)
  .map(([name, call]) => `"${name}": lambda a: ${call}`)
  .join(", ")}}
outcomes = []
for name, *a in json.loads(${JSON.stringify(JSON.stringify(operations))}):
    try:
        said = calls[name](a)
        outcomes.append("done" if said is None else str(said).lower() if isinstance(said, bool) else said)
    except OSError as e:
        outcomes.append(errno.errorcode.get(e.errno, str(e.errno)))
    except ValueError as e:
        outcomes.append("EINVAL")
    except AttributeError:
        outcomes.append("EPERM")  # Python's own way to say that the system has no such call.
outcomes`;

export const LANGUAGES = ["javascript", "python"] as const;

/** The mounts of these attacks: "/data" is the host's, writable; beside it lies what nobody granted. */
export function attackedMounts(scene: Scene): NonNullable<Parameters<Scene["sandbox"]>[0]["files"]> {
  return {
    "/data": hostDirectory({
      path: scene.canaries.mount(),
      mode: "read-write",
      hide: [".env", ".git", "id_rsa"],
      maxBytes: 1e6,
      maxEntries: 100,
    }),
    "/mem": memoryDirectory({
      files: { x: "inside", "a/f": "inside", "dir/f": "inside" },
      maxBytes: 1e6,
      maxEntries: 100,
    }),
    "/ro": memoryDirectory({ files: { y: "other" }, mode: "read-only" }),
  };
}

/** Does the operations in each language, in order, and hands over what each said: "done", a value or an errno's name. */
export function operationsAttempt(
  operations: readonly Operation[],
  check: (outcomes: readonly string[], language: (typeof LANGUAGES)[number]) => void,
): Attack["attempt"] {
  return async (scene) => {
    for (const language of LANGUAGES) {
      const sandbox = await scene.sandbox({ language, files: attackedMounts(scene) });
      const source = (language === "python" ? python : javascript)(operations);
      const result = await scene.run(sandbox, source);
      if (result.status !== "ok") throw new Error(`${language}: ${outcomeOf(result)}`);
      check(result.value as readonly string[], language);
    }
  };
}

/** The same for a source of one language over the same mounts. */
export function sourceOverMounts(
  language: (typeof LANGUAGES)[number],
  source: string,
  check: (outcome: string) => void,
): Attack["attempt"] {
  return async (scene) => {
    const sandbox = await scene.sandbox({ language, files: attackedMounts(scene) });
    check(outcomeOf(await scene.run(sandbox, source.replaceAll("FOLDER", scene.canaries.folder))));
  };
}
