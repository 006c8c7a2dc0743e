import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import path from "node:path";

const TYPES: ReadonlyMap<string, string> = new Map([
  [".html", "text/html; charset=utf-8"],
  [".js", "text/javascript; charset=utf-8"],
  [".wasm", "application/wasm"],
]);

/**
 * Serves the package's folder on loopback, as a static web server would, with a policy that forbids `eval`
 * and everything but the package's own scripts and WebAssembly. `page` is what "/" answers.
 */
export async function servePackage(
  root: string,
  page: string,
  script: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
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
          `default-src 'none'; connect-src 'self'; worker-src 'self'; script-src 'self' 'wasm-unsafe-eval' ${script}`,
        );
        response.end(page);
        return;
      }
      const file = path.join(root, path.normalize(name));
      if (!file.startsWith(path.join(root, "dist"))) {
        response.writeHead(404).end();
        return;
      }
      try {
        const content = await readFile(file);
        response.end(extension === ".js" ? resolveImports(root, content.toString()) : content);
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

/** Workers know no import map: the package's own names ("#platform") are resolved as a bundler would. */
function resolveImports(root: string, source: string): string {
  const { imports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as {
    imports: Record<string, string | { default: string }>;
  };
  return source.replaceAll(/(?<=(?:from|import\()\s*")#[a-z/-]+(?=")/g, (name) => {
    const target = imports[name];
    return (typeof target === "string" ? target : (target?.default ?? name)).replace(/^\./, "");
  });
}
