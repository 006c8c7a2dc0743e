// node scripts/complete-lock.mjs: adds to package-lock.json the platform packages that the registry at hand did not offer
// when the lock was made. npm leaves out an optional dependency that it cannot look up, and a newer `npm ci` then refuses
// the whole lock as out of step. Run it after `npm install`; it changes nothing in a complete lock.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(file, "utf8"));

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "aix", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64", "wasm32"];

/** Platform packages carry system, processor and C library in their names. Without them npm would try to install them everywhere. */
function platformOf(name) {
  const words = name.slice(name.lastIndexOf("/") + 1).split("-");
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (cpu === undefined) throw new Error(`cannot tell the platform of ${name}`);
  const libc = words.includes("musl") ? ["musl"] : words.includes("gnu") ? ["glibc"] : undefined;
  return { cpu: [cpu], ...(libc && os === "linux" ? { libc } : {}), ...(os ? { os: [os] } : {}) };
}

/** Where a package at `from` finds `name`: in its own node_modules, or in one further out. */
function resolve(from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const key = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (lock.packages[key] !== undefined) return lock.packages[key];
    if (folder === "") return undefined;
  }
}

let added = 0;
for (const [from, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!/^\d+\.\d+\.\d+/.test(version) || resolve(from, name)?.version === version) continue;
    const outer = `node_modules/${name}`;
    const key = lock.packages[outer] === undefined ? outer : `${from}/node_modules/${name}`;
    lock.packages[key] = { version, dev: true, optional: true, ...platformOf(name) };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} platform packages added to package-lock.json`);
