/** The name that modules import preview 1 under. */
export const PREVIEW1_MODULE = "wasi_snapshot_preview1";

/**
 * The functions of WASI preview 1 (snapshot 1) as core imports, from its witx definition
 * (https://github.com/WebAssembly/WASI/tree/main/legacy/preview1/witx): i for i32, l for i64. All but `proc_exit` answer
 * an i32.
 */
const PARAMETERS: ReadonlyMap<string, string> = new Map([
  ["args_get", "ii"],
  ["args_sizes_get", "ii"],
  ["clock_res_get", "ii"],
  ["clock_time_get", "ili"],
  ["environ_get", "ii"],
  ["environ_sizes_get", "ii"],
  ["fd_advise", "illi"],
  ["fd_allocate", "ill"],
  ["fd_close", "i"],
  ["fd_datasync", "i"],
  ["fd_fdstat_get", "ii"],
  ["fd_fdstat_set_flags", "ii"],
  ["fd_fdstat_set_rights", "ill"],
  ["fd_filestat_get", "ii"],
  ["fd_filestat_set_size", "il"],
  ["fd_filestat_set_times", "illi"],
  ["fd_pread", "iiili"],
  ["fd_prestat_dir_name", "iii"],
  ["fd_prestat_get", "ii"],
  ["fd_pwrite", "iiili"],
  ["fd_read", "iiii"],
  ["fd_readdir", "iiili"],
  ["fd_renumber", "ii"],
  ["fd_seek", "ilii"],
  ["fd_sync", "i"],
  ["fd_tell", "ii"],
  ["fd_write", "iiii"],
  ["path_create_directory", "iii"],
  ["path_filestat_get", "iiiii"],
  ["path_filestat_set_times", "iiiilli"],
  ["path_link", "iiiiiii"],
  ["path_open", "iiiiillii"],
  ["path_readlink", "iiiiii"],
  ["path_remove_directory", "iii"],
  ["path_rename", "iiiiii"],
  ["path_symlink", "iiiii"],
  ["path_unlink_file", "iii"],
  ["poll_oneoff", "iiii"],
  ["proc_exit", "i"],
  ["proc_raise", "i"],
  ["random_get", "ii"],
  ["sched_yield", ""],
  ["sock_accept", "iii"],
  ["sock_recv", "iiiiii"],
  ["sock_send", "iiiii"],
  ["sock_shutdown", "ii"],
]);

/** The type of a preview 1 function in the text form of `inspect`, such as `(i32, i64) -> (i32)`; undefined if there is no such function. */
export function preview1Signature(name: string): string | undefined {
  const parameters = PARAMETERS.get(name);
  if (parameters === undefined) return undefined;
  const types = Array.from(parameters, (letter) => (letter === "l" ? "i64" : "i32"));
  return `(${types.join(", ")}) -> (${name === "proc_exit" ? "" : "i32"})`;
}
