// Commits generation after generation of the same files, until it is killed. Bundled and run by overlay-crash.test.ts.
// Usage: node commit-victim.mjs <directory> <first generation>
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { FILES, contentOf } from "./commit-generations.ts";

const [directory = "", first = "0"] = process.argv.slice(2);
for (let generation = Number(first); ; generation += 1) {
  const overlay = hostDirectory({ path: directory, mode: "overlay" });
  const view = createFileView({ mounts: new Map([["/d", overlay]]), now: () => 0 });
  view.makeDirectory("/d/made");
  for (const [index, name] of FILES.entries()) {
    const file = view.open(`/d/${name}`, { read: false, write: true, create: true, truncate: true });
    if (typeof file === "string" || file.kind !== "file") throw new Error(`${name} cannot be opened`);
    file.handle.write(contentOf(generation, index), 0);
    file.close();
  }
  // One name comes and goes, one moves to and fro.
  if (typeof view.stat("/d/extra", false) === "string") view.rename(`/d/${FILES[0] ?? ""}`, "/d/extra");
  else view.removeFile("/d/extra");
  process.stdout.write("c");
  overlay.commit();
  view.dispose();
  process.stdout.write(".");
}
