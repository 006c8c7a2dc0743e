import assert from "node:assert/strict";
import type { Attack, AttackClass } from "../harness/attack.ts";
import { arePlainNames, leadNowhere, say } from "./expectations.ts";
import { operationsAttempt, sourceOverMounts } from "./operations.ts";
import type { Operation } from "./operations.ts";
import { raceAttempt } from "./race.ts";

const matches =
  (expected: RegExp) =>
  (outcome: string): void =>
    assert.match(outcome, expected);

/** One after the other: what one language cannot say, the other tries. */
const each =
  (...attempts: readonly Attack["attempt"][]): Attack["attempt"] =>
  async (scene) => {
    for (const attempt of attempts) await attempt(scene);
  };

/** What each language says of a NUL in a path: nothing was asked for yet. */
const NUL = /^(EINVAL|ERR_INVALID_ARG_VALUE|TypeError)$/u;

const ATTEMPTS: Readonly<Record<string, Attack["attempt"]>> = {
  C02: leadNowhere("/data/a/../../../etc/passwd", "/mem/a/../../../etc/passwd"),
  C03: leadNowhere("/data//..//..//etc/passwd"),
  C05: say([["list", "/data/.."], /^data,.*mem,ro,tmp$/u], [["write", "/data/../owned", "x"], /^E/u]),
  C07: arePlainNames("%2e%2e"),
  C08: arePlainNames("..%2fsecret"),
  C10: say([["read", "/data/x\0/../../etc/passwd"], NUL], [["write", "/data/ok\0", "x"], NUL]),
  C12: arePlainNames("\u2025"),
  C13: arePlainNames(".. ", "..."),
  C15: leadNowhere("/data/link", "/data/absolute", "/data/up/secret", "/data/dir/out/passwd"),
  C17: say(
    [["symlink", "..", "/data/up2"], /^(EPERM|EACCES)$/u],
    [["read", "/data/up2/../secret"], "ENOENT"],
    [["symlink", "..", "/mem/up"], "done"],
    [["read", "/mem/up/secret"], "ENOENT"],
    [["read", "/mem/up/data/x"], "inside"],
    [["symlink", "/data/../../secret", "/mem/out"], "done"],
    [["read", "/mem/out"], "ENOENT"],
  ),
  C18: say(
    [["symlink", "/mem/q", "/mem/p"], "done"],
    [["symlink", "/mem/p", "/mem/q"], "done"],
    [["read", "/mem/p"], "ELOOP"],
    [["read", "/data/a/loop"], /^(ELOOP|ENOENT)$/u],
  ),
  C20: say(
    [["link", "/mem/x", "/ro/x"], /^(EXDEV|EROFS|EPERM)$/u],
    [["link", "/data/x", "/mem/x2"], /^(EXDEV|EPERM)$/u],
    [["rename", "/data/x", "/mem/x2"], "EXDEV"],
  ),
  C22: say(
    [["rename", "/mem/dir", "/mem/dir/sub"], "EINVAL"],
    [["rename", "/data/dir", "/data/dir/sub"], "EINVAL"],
    [["read", "/data/dir/f"], "inside"],
  ),
  C23: raceAttempt,
  C25: leadNowhere("/proc/self/root/etc/passwd", "/data/../proc/self/environ"),
  C27: leadNowhere("/dev/tty", "/dev/mem", "/dev/sda"),
  C28: leadNowhere("/sys/kernel", "/run/secrets/kubernetes.io/serviceaccount/token", "/var/run/docker.sock"),
  C30: arePlainNames("CON", "NUL", "COM1", "aux.txt", "LPT1:"),
  C32: arePlainNames("C:\\Windows\\win.ini", "C:x", "\\\\?\\C:\\", "\\\\srv\\share"),
  C33: arePlainNames("\\\\.\\pipe\\x"),
  C35: say(
    [["write", "/mem/\u00E9", "one"], "done"],
    [["read", "/mem/e\u0301"], "ENOENT"],
    [["write", "/mem/e\u0301", "two"], "done"],
    [["read", "/mem/\u00E9"], "one"],
  ),
  C37: operationsAttempt(
    Array.from({ length: 300 }, (_, index): Operation => ["write", `/mem/many${index}`, ""]),
    (outcomes) => {
      assert.ok(outcomes.filter((outcome) => outcome === "done").length <= 100);
      assert.equal(outcomes.at(-1), "ENOSPC");
    },
  ),
  C38: say(
    [["write", "/mem/sparse", "x"], "done"],
    [["truncate", "/mem/sparse", 2 ** 40], /^(EFBIG|ENOSPC|EINVAL)$/u],
    [["truncate", "/data/x", 2 ** 40], /^(EFBIG|ENOSPC|EINVAL)$/u],
    [["read", "/mem/sparse"], "x"],
  ),
  C40: say(
    [["write", "/ro/y", "x"], "EROFS"],
    [["append", "/ro/y", "x"], "EROFS"],
    [["truncate", "/ro/y", 0], "EROFS"],
    [["write", "/ro/new", "x"], "EROFS"],
    [["utimes", "/ro/y"], "EROFS"],
    [["unlink", "/ro/y"], "EROFS"],
    [["read", "/ro/y"], "other"],
  ),
  C42: each(
    sourceOverMounts(
      "python",
      `import os, errno
said = []
for call in (lambda: os.chmod("/data/x", 0o4755), lambda: os.chown("/data/x", 0, 0), lambda: os.setxattr("/data/x", "user.a", b"1"), lambda: os.mknod("/data/dev", 0o60644, 1), lambda: os.mkfifo("/data/fifo")):
    try: call(); said.append("done")
    except (OSError, AttributeError) as e: said.append(type(e).__name__)
[oct(os.stat("/data/x").st_mode & 0o7000), os.path.exists("/data/dev"), os.path.exists("/data/fifo"), said[3:]]`,
      matches(/^ok \["0o0",false,false,\["(?!done)\w+","(?!done)\w+"\]\]$/u),
    ),
    sourceOverMounts(
      "javascript",
      `const { default: fs } = await import("node:fs"); ["chmodSync", "chownSync", "mknodSync"].map((name) => { try { fs[name]("/data/x", 0o4755, 0); return "done" } catch (e) { return "refused" } }).join()`,
      matches(/^ok "refused,refused,refused"$/u),
    ),
  ),
  C43: sourceOverMounts(
    "python",
    `import os, errno
count = 0
try:
    while True: os.open("/data/x", os.O_RDONLY); count += 1
except OSError as e: said = errno.errorcode[e.errno]
said, count <= 256`,
    matches(/^ok \["EMFILE",true\]$/u),
  ),
  C45: sourceOverMounts(
    "python",
    `import os, errno
fd = os.open("/data/x", os.O_RDWR); os.close(fd)
said = []
for call in (lambda: os.read(fd, 1), lambda: os.write(fd, b"x"), lambda: os.fstat(fd), lambda: os.close(fd), lambda: os.lseek(fd, 0, 0), lambda: os.ftruncate(fd, 0)):
    try: call(); said.append("done")
    except OSError as e: said.append(errno.errorcode[e.errno])
set(said) == {"EBADF"}`,
    matches(/^ok true$/u),
  ),
  C47: say(
    [["read", "/data/.env"], /^E(ACCES|NOENT)$/u],
    [["write", "/data/.env", "x"], /^E(ACCES|NOENT)$/u],
    [["mkdir", "/data/.git"], /^E(ACCES|NOENT)$/u],
    [["write", "/data/.GIT", "x"], /^E(ACCES|NOENT)$/u],
    [["rename", "/data/x", "/data/id_rsa"], /^E(ACCES|NOENT)$/u],
    [["list", "/data"], /^(?!.*\.env)/u],
  ),
  // Names come back as they are, in data; whoever prints JSON prints no control character.
  C48: sourceOverMounts(
    "python",
    `import os\nopen("/data/\\u202Egnp.exe", "w").close(); open("/data/\\x1b[31mred", "w").close()\ntry: open("/ro/\\x1b[2J", "w")\nexcept OSError: pass\nos.listdir("/data")`,
    (outcome) => {
      assert.match(outcome, /\\u001b\[31mred/u);
      assert.ok(!outcome.includes("\u001B"));
    },
  ),
  C50: sourceOverMounts(
    "python",
    `import tarfile, io, os
def entry(kind, name, to):
    info = tarfile.TarInfo(name); info.type = kind; info.linkname = to; return info
said = []
for kind, name, to in ((tarfile.LNKTYPE, "hard", "/etc/passwd"), (tarfile.LNKTYPE, "hard2", "../../etc/passwd"), (tarfile.SYMTYPE, "soft", "FOLDER/secret"), (tarfile.CHRTYPE, "dev", ""), (tarfile.REGTYPE, "../../../owned", "")):
    b = io.BytesIO(); t = tarfile.open(fileobj=b, mode="w"); t.addfile(entry(kind, name, to)); t.close(); b.seek(0)
    try:
        tarfile.open(fileobj=b).extractall("/data/dir", filter="fully_trusted")
        said.append(open("/data/dir/" + name).read())
    except Exception as e: said.append(type(e).__name__)
[os.path.exists("/data/dir/dev"), said]`,
    matches(/^ok \[false,\[/u),
  ),
};

export const fileCorpus: AttackClass["corpus"] = new Map(
  Object.entries(ATTEMPTS).map(([id, attempt]) => [id, () => attempt]),
);
