/** Whether a relative path names something outside of the directory that it starts from, links aside. */
export function leadsOut(path: string): boolean {
  if (!path.includes("..")) return false;
  let depth = 0;
  for (const component of path.split("/")) {
    if (component === "..") depth -= 1;
    else if (component !== "" && component !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
