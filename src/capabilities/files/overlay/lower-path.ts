/** Paths in the lower file system, from its root: "sub/a.txt", and "" for the root itself. Made of names only. */

export function childPath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** The directory of `path`, which is not the root, and the name in it. */
export function splitPath(path: string): { readonly directory: string; readonly name: string } {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? { directory: "", name: path } : { directory: path.slice(0, slash), name: path.slice(slash + 1) };
}
