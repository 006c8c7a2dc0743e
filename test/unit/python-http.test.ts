import { afterEach, describe, expect, test } from "vitest";
import { nodeTransport } from "../../src/hosts/node/http/node-transport.ts";
import { useHttpFixture } from "../support/http-fixture.ts";
import { PythonSandbox } from "../support/python-sandbox.ts";

const fixture = useHttpFixture();
const open: PythonSandbox[] = [];
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

async function online(options: Parameters<typeof PythonSandbox.create>[0] = {}): Promise<PythonSandbox> {
  const sandbox = await PythonSandbox.create({
    limits: { timeoutMs: 60_000 },
    network: { allow: [{ url: `${fixture.origin}/`, methods: "*" }] },
    env: { B: fixture.origin },
    ...options,
  });
  open.push(sandbox);
  return sandbox;
}

const HEAD = "import os\nfrom wardian import http, HttpError\nB = os.environ['B']\n";

async function value(source: string): Promise<unknown> {
  return await (await online()).value(HEAD + source);
}

describe("wardian.http", () => {
  test("sends every kind of body and reads every kind of response", async () => {
    expect(
      await value(`
async def seen(**options):
    r = await http.post(B + "/x", **options)
    body = await r.json()
    return [body["body"], body["headers"].get("content-type")]

r = await http.get(B + "/x", params={"a": [1, 2], "b": "ü"}, headers={"X-One": "1"})
first = await r.json()
[
    r.status, r.ok, r.reason, r.url == B + "/x?a=1&a=2&b=%C3%BC", r.redirected, r.headers["Content-Type"], "nothing" in r.headers, first["url"], first["headers"]["x-one"],
    await seen(json={"a": 1}), await seen(data={"a": "1 2"}), await seen(data="text"), await seen(data=b"\\x01"), await seen(data=b"\\x01", headers={"content-type": "a/b"}),
    (await http.request("DELETE", B)).status, await (await http.get(B + "/gzip")).text(), (await http.head(B + "/gzip")).status,
]`),
    ).toEqual([
      200,
      true,
      "OK",
      true,
      false,
      "application/json",
      false,
      "/x?a=1&a=2&b=%C3%BC",
      "1",
      ['{"a": 1}', "application/json"],
      ["a=1+2", "application/x-www-form-urlencoded"],
      ["text", "text/plain;charset=UTF-8"],
      ["\u0001", null],
      ["\u0001", "a/b"],
      200,
      "compressed text",
      200,
    ]);
  });

  test("streams a body, reads it whole more than once, and closes it unread", async () => {
    expect(
      await value(`
pieces = [len(piece) async for piece in await http.get(B + "/bytes?n=300000")]
r = await http.get(B + "/bytes?n=3")
whole = [await r.read(), await r.read(), await r.text()]
async with await http.get(B + "/slow") as slow:
    pass
[sum(pieces), len(pieces) > 3, whole]`),
    ).toEqual([300_000, true, [new TextEncoder().encode("xxx"), new TextEncoder().encode("xxx"), "xxx"]]);
  });

  test("runs requests side by side", async () => {
    expect(await value(`import asyncio\nlen(await asyncio.gather(*[http.get(B + f"/{n}") for n in range(10)]))`)).toBe(
      10,
    );
  });

  test("raises what happened, and ends at timeouts and cancellation", async () => {
    expect(
      await value(`
import asyncio
async def why(*args, **options):
    try:
        await (await http.request(*args, **options)).read()
    except Exception as error:
        return [type(error).__name__, getattr(error, "name", None), isinstance(error, OSError), str(error)]

async def cancelled():
    task = asyncio.create_task(http.get(B + "/silent").__await__() if False else why("GET", B + "/silent"))
    await asyncio.sleep(0.02)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"

async def late():
    try:
        async with asyncio.timeout(0.05):
            await http.get(B + "/silent")
    except TimeoutError:
        return "late"

[
    await why("GET", "https://evil.test/"), await why("GET", "no url"), await why("GET", B, headers={"Host": "x"}), await why("GET", B + "/silent", timeout=0.1),
    await why("GET", B + "/slow", timeout=0.2), await why("GET", B + "/broken"), await cancelled(), await late(), (await http.get(B + "/status?n=404")).ok,
]`),
    ).toEqual([
      ["HttpError", "NetworkDenied", true, "The network policy denies GET https://evil.test/: no rule names this host"],
      ["ValueError", null, false, "Cannot send the request: the URL cannot be parsed"],
      ["ValueError", null, false, 'Cannot send the request: the header "host" is the host\'s to set'],
      ["HttpTimeout", "NetworkTimeout", true, "The request took longer than 100 ms"],
      ["HttpTimeout", "NetworkTimeout", true, "The request took longer than 200 ms"],
      ["HttpError", "NetworkError", true, "The request failed: no connection, or it broke"],
      "cancelled",
      "late",
      false,
    ]);
  });

  test("blocks where an event loop of the guest's own keeps the host waiting", async () => {
    expect(
      await value(`
import asyncio
def synchronous():
    async def main():
        return await (await http.get(B + "/bytes?n=100000")).read()
    return len(asyncio.run(main()))
synchronous()`),
    ).toBe(100_000);
  });

  test("works in a synchronous run", async () => {
    const sandbox = await online();
    expect(sandbox.runSync(`${HEAD}(await (await http.get(B + "/x")).json())["url"]`)).toMatchObject({
      status: "ok",
      value: "/x",
    });
  });

  test("gives placeholders of secrets, never secrets", async () => {
    const sandbox = await online({
      network: {
        allow: [`${fixture.origin}/`],
        secrets: { API_KEY: { value: "canary-value", hosts: [fixture.origin] } },
      },
    });
    const result = await sandbox.run(`${HEAD}
import urllib.request
r = await http.get(B + "/reflect", headers={"x-key": os.environ["API_KEY"]})
blocking = urllib.request.urlopen(urllib.request.Request(B + "/reflect", headers={"x-key": os.environ["API_KEY"]}))
[os.environ["API_KEY"], r.reason, r.headers["x-echo"], await r.text(), blocking.reason, blocking.read().decode()]`);
    const masked = "{{secret.API_KEY}}";
    expect(result).toMatchObject({
      status: "ok",
      value: [masked, masked, masked, `your key is ${masked}.`, masked, `your key is ${masked}.`],
    });
    expect(JSON.stringify(result)).not.toContain("canary");
  });
});

describe("urllib.request", () => {
  test("opens, posts, streams and tells of errors as ever", async () => {
    expect(
      await value(`
import json, urllib.error, urllib.parse, urllib.request as u
def error(*args, **options):
    try:
        u.urlopen(*args, **options)
    except urllib.error.HTTPError as e:
        return [e.code, e.reason, e.read().decode(), e.headers.get_all("Set-Cookie")]
    except urllib.error.URLError as e:
        return [type(e).__name__, type(e.reason).__name__, str(e.reason)]

with u.urlopen(B + "/bytes?n=300000") as f:
    sizes = [len(f.read(10)), len(f.readline()), f.status, f.geturl() == B + "/bytes?n=300000", f.getheader("connection")]
posted = json.load(u.urlopen(B + "/p", data=urllib.parse.urlencode({"a": 1}).encode()))
put = json.load(u.urlopen(u.Request(B + "/p", data=iter([b"a", b"b"]), method="PUT", headers={"X-A": "1"})))
moved = u.urlopen(B + "/redirect?to=/landed")
opener = u.build_opener()
opener.addheaders = [("X-Opener", "1")]
u.urlretrieve(B + "/gzip", "/tmp/file")
[
    sizes, [posted["method"], posted["body"], posted["headers"]["content-type"]], [put["body"], put["headers"]["x-a"]], moved.geturl() == B + "/landed",
    json.load(opener.open(B))["headers"]["x-opener"], open("/tmp/file").read(), error(B + "/status?n=404"), error("https://evil.test/"), error(B + "/silent", timeout=0.1),
]`),
    ).toEqual([
      [10, 299_990, 200, true, "close"],
      ["POST", "a=1", "application/x-www-form-urlencoded"],
      ["ab", "1"],
      true,
      "1",
      "compressed text",
      [404, "As asked", "status 404", ["a=1", "b=2"]],
      ["URLError", "HttpError", "The network policy denies GET https://evil.test/: no rule names this host"],
      ["URLError", "HttpTimeout", "The request took longer than 100 ms"],
    ]);
  });

  test("says to await where the host cannot block", async () => {
    const sandbox = await online({ transport: nodeTransport({ resolve: async () => await Promise.resolve([]) }) });
    expect(await sandbox.failure(`${HEAD}import urllib.request\nurllib.request.urlopen(B)`)).toBe(
      "URLError: <urlopen error This host cannot wait for a response: use await (wardian.http in Python) in a run that is not synchronous>",
    );
    expect(await sandbox.value("(await http.get(B)).status")).toBe(200);
  });

  test("is ended by the run's deadline while the thread waits", async () => {
    const sandbox = await online({ limits: { timeoutMs: 1_500 } });
    expect(await sandbox.run(`${HEAD}import urllib.request\nurllib.request.urlopen(B + "/silent")`)).toMatchObject({
      status: "limit",
      limit: "time",
    });
    expect(await sandbox.value(`${HEAD}(await http.get(B)).status`)).toBe(200);
  });
});
