import { SEALED } from "../../../capabilities/denials/denial-log.ts";
import { guestText } from "../host/guest-path.ts";
import type { HostCall, PythonHost } from "../host/python-host.ts";
import { SITE_PACKAGES } from "../packages/installed-packages.ts";
import type { SideLinker } from "./side-linker.ts";
import type { SideModule } from "./side-module.ts";

/** What the interpreter's `dlopen` and `dlsym` ask of their host: only modules of the sandbox's packages are ever linked. */
export const dynamicCalls: Readonly<Record<string, HostCall>> = {
  _dlopen_js(host, handle: number) {
    const { linker, memory } = host;
    const text = memory.has(handle, HANDLE_BYTES) ? guestText(host, (handle >>> 0) + HANDLE.name) : -1;
    const path = typeof text === "string" ? pathIn(text, host.cwd) : undefined;
    if (linker === undefined || path === undefined || !linker.has(path)) {
      host.capabilities.denials.note("import", "dynamic library", SEALED);
      return fail(host, "only extension modules of the packages of this sandbox can be loaded");
    }
    for (const side of linker.missing(path))
      if (!linkOne(host, linker, side))
        return fail(host, host.gauge.stopping ? "stopped" : "it does not fit into memory");
    const linked = linker.open(path, handle >>> 0);
    if (linked === undefined) return 0;
    memory.setU8((handle >>> 0) + HANDLE.allocated, 1);
    memory.setU32((handle >>> 0) + HANDLE.memoryBase, linked.memoryBase);
    memory.setU32((handle >>> 0) + HANDLE.memoryBytes, linked.side.info.memoryBytes);
    memory.setU32((handle >>> 0) + HANDLE.tableBase, linked.tableBase);
    memory.setU32((handle >>> 0) + HANDLE.tableEntries, linked.side.info.tableEntries);
    return 1;
  },
  _dlsym_js(host, handle: number, symbol: number) {
    const name = guestText(host, symbol);
    const address = typeof name === "string" ? host.linker?.symbol(handle >>> 0, name) : undefined;
    return address ?? fail(host, "there is no such symbol");
  },
};

/** Offsets in Emscripten's `struct dso` (system/lib/libc/dynlink.c), as its own linker writes them. */
const HANDLE = { allocated: 8, memoryBase: 12, memoryBytes: 16, tableBase: 20, tableEntries: 24, name: 36 } as const;
const HANDLE_BYTES = 37;

/** Relative to site-packages; undefined for what lies elsewhere. */
function pathIn(text: string, cwd: string): string | undefined {
  const parts: string[] = [];
  for (const part of (text.startsWith("/") ? text : `${cwd}/${text}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const path = `/${parts.join("/")}`;
  return path.startsWith(`${SITE_PACKAGES}/`) ? path.slice(SITE_PACKAGES.length + 1) : undefined;
}

/** Instantiating: copying the segments, writing entries of the table, resolving names. */
const UNITS_PER_BYTE = 4;
const UNITS_PER_NAME = 2_000;

function linkOne(host: PythonHost, linker: SideLinker, side: SideModule): boolean {
  const { gauge, memory, exports } = host;
  const { info, functionImports, functionAddresses, dataAddresses, byteLength } = side;
  const names = functionImports.length + functionAddresses.length + dataAddresses.length + info.tableEntries;
  gauge.charge(byteLength * UNITS_PER_BYTE + names * UNITS_PER_NAME + info.memoryBytes);
  if (gauge.stopping) return false;
  const memoryBase = allocate(host, info.memoryBytes, info.memoryAlignment);
  if (memoryBase === undefined) return false;
  // Its segments hold what is not zero.
  if (!memory.clear(memoryBase, info.memoryBytes)) return false;
  const made = gauge.enter(() => linker.link(side, memoryBase));
  if (made.kind === "stopped") return false;
  if (made.value === undefined) {
    if (memoryBase !== 0) gauge.enter(() => exports.emscripten_builtin_free(memoryBase));
    return false;
  }
  const { exports: own } = made.value;
  const run = gauge.enter(() => {
    for (const name of [side.startExport ?? "", "__wasm_apply_data_relocs", "__wasm_call_ctors"]) {
      const initialize = own[name];
      if (typeof initialize === "function") (initialize as () => void)();
    }
  });
  return run.kind === "returned";
}

/** Memory of the interpreter's own allocator; 0 for a module without data. */
function allocate({ gauge, exports }: PythonHost, bytes: number, alignment: number): number | undefined {
  if (bytes === 0) return 0;
  const block = gauge.enter(() => exports.emscripten_builtin_memalign(Math.max(16, alignment), bytes));
  return block.kind === "returned" && block.value !== 0 ? block.value >>> 0 : undefined;
}

const encoder = new TextEncoder();

/** Sets what `dlerror` tells, which becomes the text of an ImportError. Answers 0. */
function fail(host: PythonHost, why: string): 0 {
  const { gauge, memory, exports } = host;
  if (gauge.stopping) return 0;
  const bytes = encoder.encode(`${why}\0`);
  const block = allocate(host, bytes.length, 1);
  if (block === undefined || !memory.write(block, bytes)) return 0;
  gauge.enter(() => {
    // A format without conversions.
    exports.__dl_seterr(block, 0);
    exports.emscripten_builtin_free(block);
  });
  return 0;
}
