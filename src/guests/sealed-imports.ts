/** An import that no sandbox provides. */
export interface UnsealedImport {
  readonly module: string;
  readonly name: string;
  readonly why: string;
}

/** The 46 functions of WASI preview 1 (snapshot 1), from its witx definition. */
const PREVIEW1: ReadonlySet<string> = new Set(
  `args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate fd_close
  fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size
  fd_filestat_set_times fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read fd_readdir fd_renumber fd_seek
  fd_sync fd_tell fd_write path_create_directory path_filestat_get path_filestat_set_times path_link path_open
  path_readlink path_remove_directory path_rename path_symlink path_unlink_file poll_oneoff proc_exit proc_raise
  random_get sched_yield sock_accept sock_recv sock_send sock_shutdown`.split(/\s+/),
);

/**
 * The imports that make a module unsealed: everything that is not a function of WASI preview 1, of a `wasi:*` or of a
 * `wardian:*` interface. A module is sealed if the list is empty.
 */
export function findUnsealedImports(module: {
  readonly imports: readonly { readonly module: string; readonly name: string; readonly kind: string }[];
}): UnsealedImport[] {
  const unsealed: UnsealedImport[] = [];
  for (const { module: from, name, kind } of module.imports) {
    const why = whyUnsealed(from, name, kind);
    if (why !== undefined) unsealed.push({ module: from, name, why });
  }
  return unsealed;
}

function whyUnsealed(from: string, name: string, kind: string): string | undefined {
  const known =
    from === "wasi_snapshot_preview1" || /^(wasi|wardian):[a-z0-9-]+\/[a-z0-9-]+(@[0-9a-z.+-]+)?$/.test(from);
  if (!known) return "not a WASI or Wardian interface";
  if (from === "wasi_snapshot_preview1" && !PREVIEW1.has(name)) return "not a function of WASI preview 1";
  if (kind !== "function") return `an imported ${kind} shares state with the host; only functions can be provided`;
  return undefined;
}
