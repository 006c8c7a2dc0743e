import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");

const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".mjs", "text/javascript; charset=utf-8"],
  [".wasm", "application/wasm"],
]);

/** What a page may load: the package, and the programs of tests. */
const SERVED = ["dist", "test"].map((folder) => path.join(root, folder) + path.sep);

/**
 * Serves the built package on loopback, as a static web server would, with a policy that forbids `eval` and everything
 * but the package's own scripts and WebAssembly. "/" answers an empty page that knows the package by its name.
 */
export async function servePackage(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const targets = packageImports();
  const map = JSON.stringify({ imports: { wardian: "/dist/index.js", ...Object.fromEntries(targets) } });
  const hash = createHash("sha256").update(map).digest("base64");
  const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>Wardian</title><script type="importmap">${map}</script><body></body>`;
  const server = createServer((request, response) => {
    void (async () => {
      const name = new URL(request.url ?? "/", "http://localhost").pathname;
      const extension = name === "/" ? ".html" : path.extname(name);
      // Isolated, so that there is shared memory.
      response.setHeader("cross-origin-opener-policy", "same-origin");
      response.setHeader("cross-origin-embedder-policy", "require-corp");
      response.setHeader("content-type", TYPES.get(extension) ?? "application/octet-stream");
      if (name === "/") {
        response.setHeader(
          "content-security-policy",
          `default-src 'none'; img-src data:; connect-src 'self'; worker-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`,
        );
        response.end(page);
        return;
      }
      const file = path.join(root, path.normalize(name));
      try {
        if (!SERVED.some((folder) => file.startsWith(folder))) throw new Error("not served");
        const content = await readFile(file);
        response.end(extension === ".js" ? resolveImports(targets, content.toString()) : content);
      } catch {
        response.writeHead(404).end();
      }
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The package's own names, as a page must write them: the conditions "default" of package.json. */
function packageImports(): ReadonlyMap<string, string> {
  const { imports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    imports: Record<string, string | { default: string }>;
  };
  return new Map(
    Object.entries(imports).map(([name, target]) => [
      name,
      (typeof target === "string" ? target : target.default).slice(1),
    ]),
  );
}

/** Workers know no import map: the package's own names ("#platform") are resolved as a bundler would. */
function resolveImports(targets: ReadonlyMap<string, string>, source: string): string {
  return source.replaceAll(/(?<=(?:from|import\()\s*")#[a-z/-]+(?=")/g, (name) => targets.get(name) ?? name);
}
