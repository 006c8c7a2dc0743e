import assert from "node:assert/strict";
import type { Attack } from "../harness/attack.ts";
import { arePlainNames, leadNowhere, say } from "./expectations.ts";
import { sourceOverMounts } from "./operations.ts";

const ends =
  (expected: RegExp) =>
  (outcome: string): void =>
    assert.match(outcome, expected);

/** Whatever it says: that nothing of the host is in it is checked for every run. */
const anything = ends(/^(ok|error (?!HostError|Trap)|limit)/u);

const python = (source: string, check = anything): Attack["attempt"] => sourceOverMounts("python", source, check);
const javascript = (source: string, check = anything): Attack["attempt"] =>
  sourceOverMounts("javascript", `const { default: fs } = await import("node:fs"); ${source}`, check);

const NUL = /^(EINVAL|ERR_INVALID_ARG_VALUE|TypeError)$/u;

const VARIANTS: Readonly<Record<string, Attack["attempt"]>> = {
  "dots in every spelling": leadNowhere(
    "/data/./.././../etc/passwd",
    "/data/a/..//../..///etc/passwd",
    "/../../../../etc/passwd",
    "//etc/passwd",
    "/data/dir/../../etc/passwd/",
    "/mem/../../etc/shadow",
  ),
  "names that other systems or decoders take for dots and slashes": arePlainNames(
    "%2e%2e%2fsecret",
    "%252e%252e",
    "..\\secret",
    "\uFF0E\uFF0E",
    "\u2024\u2024",
    "\u2215etc\u2215passwd",
    "..;x",
    ".. .",
    "\u00A0..",
    "..\t",
    "~",
    "~root",
    "$HOME",
    "$(id)",
    "*",
    "-rf",
  ),
  "names of objects": arePlainNames("__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "then"),
  "names of devices in any case and with endings": arePlainNames(
    "con",
    "nul.txt",
    "PRN",
    "COM9.log",
    "CLOCK$",
    "x:stream",
    "x::$DATA",
  ),
  "the longest names and paths": say(
    [["write", `/mem/${"n".repeat(256)}`, "x"], "ENAMETOOLONG"],
    [["write", `/data/${"n".repeat(256)}`, "x"], "ENAMETOOLONG"],
    [["write", `/mem/${"n".repeat(255)}`, "x"], "done"],
    [["read", `/data/${"a/../".repeat(2_000)}x`], "ENAMETOOLONG"],
    [["read", `/data/${"x/".repeat(10_000)}`], "ENAMETOOLONG"],
    [["read", `/data/${"\u{1F600}".repeat(64)}`], "ENAMETOOLONG"],
  ),
  "NUL wherever": say(
    [["mkdir", "/mem/a\0b"], NUL],
    [["rename", "/mem/x", "/mem/\0"], NUL],
    [["symlink", "/etc\0/passwd", "/mem/l"], NUL],
    [["list", "\0"], NUL],
  ),
  "places that Linux has": leadNowhere(
    "/proc/self/cwd/etc/passwd",
    "/proc/self/fd/3",
    "/dev/fd/3",
    "/proc/1/environ",
    "/dev/shm",
    "/home",
    "/root/.ssh/id_rsa",
    "/data/../../../../../../proc/version",
  ),
  "the roots of mounts": say(
    [["rmdir", "/mem"], /^E(BUSY|NOTEMPTY|ACCES|PERM|ROFS|INVAL)$/u],
    [["rename", "/mem", "/mem2"], /^E/u],
    [["rename", "/mem/dir", "/data"], /^E/u],
    [["unlink", "/data"], /^E/u],
    [["symlink", "/etc", "/newroot"], /^E/u],
    [["write", "/owned", "x"], /^E/u],
    [["read", "/data/x"], "inside"],
  ),
  "links of the guest's own": say(
    [["symlink", "../../../../../../etc", "/mem/e"], "done"],
    [["read", "/mem/e/passwd"], "ENOENT"],
    [["symlink", "/data", "/mem/d"], "done"],
    [["read", "/mem/d/link"], "ENOENT"],
    [["read", "/mem/d/up/secret"], "ENOENT"],
    [["write", "/mem/d/link", "x"], /^E/u],
    [["symlink", "/proc/self/root", "/mem/r"], "done"],
    [["list", "/mem/r"], "ENOENT"],
    [["symlink", "x".repeat(5_000), "/mem/long"], /^E(NAMETOOLONG|INVAL|NOENT)$/u],
    [["link", "/mem/d", "/mem/hard"], /^(E|done)/u],
  ),
  "links of the host, written through": say(
    [["write", "/data/link", "owned"], /^E/u],
    [["append", "/data/absolute", "owned"], /^E/u],
    [["truncate", "/data/link", 0], /^E/u],
    [["write", "/data/dir/out/new", "owned"], /^E/u],
    [["mkdir", "/data/up/owned"], /^E/u],
    [["copy", "/data/x", "/data/link"], /^E/u],
    [["rename", "/data/x", "/data/up/owned"], /^E/u],
    [["unlink", "/data/up/secret"], /^E/u],
  ),
  "links of the host, removed and replaced": say(
    [["unlink", "/data/link"], "done"],
    [["write", "/data/link", "mine"], "done"],
    [["read", "/data/link"], "mine"],
    [["rename", "/data/x", "/data/absolute"], /^(done|E)/u],
  ),
  "case folds no mount": leadNowhere("/DATA/x", "/Data/x", "/mEm/x"),
  "copying trees with their links": python(
    `import shutil\ntry: shutil.copytree("/data", "/mem/all", symlinks=False)\nexcept Exception as e: print(type(e).__name__)\nimport glob\n[open(f).read() for f in glob.glob("/mem/**", recursive=True) if __import__("os").path.isfile(f)]`,
  ),
  "copying trees in JavaScript": javascript(
    `try { fs.cpSync("/data", "/mem/all", { recursive: true, dereference: true }) } catch (e) { e.code } fs.readdirSync("/mem", { recursive: true }).join()`,
  ),
  "walking with links followed": python(
    `import os\nfound = []\nfor root, dirs, files in os.walk("/data", followlinks=True):\n  for f in files:\n    try: found.append(open(os.path.join(root, f)).read())\n    except OSError: pass\n  if len(found) > 1000: break\nfound`,
  ),
  "relative to a descriptor": python(
    `import os\nfd = os.open("/data/dir", os.O_RDONLY)\nsaid = []\nfor p in ("../../secret", "../../../secret", "out/passwd", "..", "/etc/passwd"):\n  try: said.append(os.read(os.open(p, os.O_RDONLY, dir_fd=fd), 100))\n  except OSError as e: said.append(e.errno)\nsaid`,
    ends(/^ok \[/u),
  ),
  "by way of the working directory": python(
    `import os\nos.chdir("/data/dir")\nsaid = []\nfor p in ("../../secret", "../../../etc/passwd", "out/passwd"):\n  try: said.append(open(p).read())\n  except OSError as e: said.append(e.errno)\ntry: os.fchdir(3); os.chroot("/data/up")\nexcept (OSError, AttributeError): pass\nos.getcwd(), said`,
  ),
  "modules from outside": python(
    `import sys\nsys.path[:0] = ["/data/up", "/data/dir/out", "FOLDER", "/data"]\ntry:\n  import secret\nexcept Exception as e: print(type(e).__name__)\nimport runpy\ntry: runpy.run_path("/data/link")\nexcept Exception as e: print(type(e).__name__)`,
  ),
  "modules from outside in JavaScript": javascript(
    `const said = []; for (const p of ["/data/link", "/data/up/secret", "/data/../../secret", "/data/absolute"]) await import(p).then(() => said.push("loaded"), () => said.push("denied")); said`,
    ends(/^ok \["denied","denied","denied","denied"\]$/u),
  ),
  "SQLite opens what it can see": python(
    `import sqlite3\nc = sqlite3.connect(":memory:")\nsaid = []\nfor p in ("/data/link", "FOLDER/secret", "/data/up/secret", "file:/data/link?mode=ro"):\n  try: c.execute("attach ? as x" , (p,)); said.append(c.execute("select * from x.sqlite_master").fetchall())\n  except Exception as e: said.append(type(e).__name__)\nsaid`,
  ),
  "archives that climb": python(
    `import zipfile, io\nb = io.BytesIO()\nz = zipfile.ZipFile(b, "w")\nfor n in ("../../owned", "/etc/owned", "..\\\\..\\\\owned", "C:\\\\owned"): z.writestr(n, "x")\nz.close()\nz.extractall("/data/dir")\nimport shutil\nshutil.make_archive("/mem/a", "tar", "/data")\nimport tarfile\n[m.linkname for m in tarfile.open("/mem/a.tar").getmembers() if m.name == "./link"]`,
  ),
  "descriptors that nobody gave": python(
    `import os\nsaid = []\nfor fd in [*range(3, 300), -1, 2**31 - 1, 2**31]:\n  for call in (lambda: os.read(fd, 100), lambda: os.fstat(fd), lambda: os.write(fd, b"x"), lambda: os.listdir(fd)):\n    try: said.append(call())\n    except (OSError, OverflowError, ValueError): pass\nsaid`,
  ),
  "files that are mapped": python(
    `import mmap, os\nfd = os.open("/data/x", os.O_RDWR)\nm = mmap.mmap(fd, 0)\nm[0:2] = b"XX"; m.flush(); m.close()\nopen("/data/x").read()`,
    ends(/^(ok "(XX|in)side"|error )/u),
  ),
  "files that grow by writing": python(
    `f = open("/data/grow", "wb")\ntry:\n  while True: f.write(b"0" * 65536)\nexcept OSError as e: said = e.errno\nsaid`,
    ends(/^ok (27|28)$|^limit files|^ok (22|51)$/u),
  ),
  "directories without end": python(
    `import os\np = "/mem"\ntry:\n  while True: p += "/d"; os.mkdir(p)\nexcept OSError as e: said = e.errno\nsaid > 0`,
    ends(/^ok true$/u),
  ),
  "files under one name in two mounts": say(
    [["write", "/mem/same", "a"], "done"],
    [["write", "/data/same", "b"], "done"],
    [["copy", "/data/same", "/mem/same"], "done"],
    [["read", "/mem/same"], "b"],
    [["rename", "/mem/same", "/data/same"], "EXDEV"],
  ),
  "a file whose name goes while it is open": python(
    `import os\nf = open("/data/x", "r+"); os.unlink("/data/x"); f.seek(0); said = f.read(); f.write("more"); f.close(); [said, os.path.exists("/data/x")]`,
    ends(/^ok \["inside",false\]$/u),
  ),
  "the library's own folder": say([["write", "/lib/owned", "x"], /^E/u], [["list", "/lib/../../"], /^(data,|ENOENT)/u]),
};

export const fileVariants: readonly Attack[] = Object.entries(VARIANTS).map(([title, attempt], index) => ({
  id: `C+${index + 1}`,
  title,
  attempt,
}));
