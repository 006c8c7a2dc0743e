// A server on loopback in a process of its own, so that a test whose thread waits can be answered. Prints its port.
import { createServer } from "node:http";
import { createGzip, gzipSync } from "node:zlib";
import { Readable } from "node:stream";

let hits = 0;

const server = createServer((request, response) => void answer(request, response));

async function answer(request, response) {
  const key = String(request.headers["x-key"]);
  const url = new URL(request.url, "http://fixture");
  const number = Number(url.searchParams.get("n") ?? 0);
  if (url.pathname !== "/hits") hits++;
  let body = "";
  for await (const chunk of request.setEncoding("latin1")) body += chunk;
  switch (url.pathname) {
    case "/hits":
      response.end(String(hits));
      break;
    case "/redirect":
      response.writeHead(Number(url.searchParams.get("status") ?? 302), { location: url.searchParams.get("to") });
      response.end("moved");
      break;
    case "/loop":
      response.writeHead(302, { location: "/loop" });
      response.end();
      break;
    case "/bytes":
      Readable.from(pieces(number)).pipe(response);
      break;
    case "/bomb":
      response.setHeader("content-encoding", "gzip");
      Readable.from(pieces(number)).pipe(createGzip()).pipe(response);
      break;
    case "/gzip":
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync("compressed text"));
      break;
    case "/slow": {
      const timer = setInterval(() => response.write("."), 20);
      response.on("close", () => clearInterval(timer));
      break;
    }
    case "/silent":
      break;
    case "/broken":
      response.writeHead(200, { "content-length": "1000" });
      response.write("a part");
      setTimeout(() => response.destroy(), 20);
      break;
    case "/status":
      response.writeHead(
        number,
        "As asked",
        [
          ["Set-Cookie", "a=1"],
          ["Set-Cookie", "b=2"],
        ].flat(),
      );
      response.end(`status ${number}`);
      break;
    case "/reflect":
      // A server that tells what it was told, everywhere it can.
      response.writeHead(Number(url.searchParams.get("status") ?? 200), key, {
        "x-echo": key,
        ...(url.searchParams.has("status") ? { location: `http://127.0.0.1:1/${key}?k=${key}` } : {}),
      });
      for (const letter of `your key is ${key}.`) {
        response.write(letter);
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
      break;
    default:
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
  }
}

function* pieces(total) {
  for (let left = total; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), "x");
}

server.listen(0, "127.0.0.1", () => process.stdout.write(`${server.address().port}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
