// Commits one generation of the files, and says how that went. Bundled and run by commit-failures.test.ts.
// Usage: node commit-once.mjs <directory> <generation>
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { FILES, contentOf } from "./commit-generations.ts";

const [directory = "", generation = "0"] = process.argv.slice(2);
const overlay = hostDirectory({ path: directory, mode: "overlay" });
const view = createFileView({ mounts: new Map([["/d", overlay]]), now: () => 0 });
view.makeDirectory("/d/made");
for (const [index, name] of FILES.entries()) {
  const file = view.open(`/d/${name}`, { read: false, write: true, create: true, truncate: true });
  if (typeof file === "string" || file.kind !== "file") throw new Error(`${name} cannot be opened`);
  file.handle.write(contentOf(Number(generation), index), 0);
  file.close();
}
try {
  overlay.commit();
  process.stdout.write("written");
} catch (error) {
  process.stdout.write(error instanceof Error && "errno" in error ? String(error.errno) : String(error));
}
