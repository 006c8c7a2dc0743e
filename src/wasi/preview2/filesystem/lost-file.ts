import type { OpenFile, OpenFileState } from "../../../capabilities/files/file-view.ts";

/** Was open when a snapshot was taken, and is not there any more: everything but closing answers EIO. */
export function lostFile(state: OpenFileState): OpenFile {
  const { path } = state;
  const fail = (): "EIO" => "EIO";
  const common = { path, capture: () => state, close: () => undefined };
  if (state.kind === "directory") return { kind: "directory", ...common, stat: fail, list: fail };
  const handle = {
    stat: fail,
    read: fail,
    write: fail,
    truncate: fail,
    setTimes: fail,
    sync: fail,
    close: () => undefined,
  };
  return { kind: "file", ...common, handle };
}
