// Runs inside the JavaScript guest that bash runs in: just-bash over the sandbox's own files and tools.
import { Bash, InMemoryFs, MountableFs, defineCommand } from "just-bash";
import fs from "node:fs";

const MANY = Number.MAX_SAFE_INTEGER;

/** Fuel, time and memory are limited by the sandbox, which sees more than an interpreter does of itself. */
const LIMITS = Object.fromEntries(
  [
    "maxSourceBytes",
    "maxCommandCount",
    "maxLoopIterations",
    "maxAwkIterations",
    "maxSedIterations",
    "maxJqIterations",
    "maxQueryTokens",
    "maxQueryElements",
    "maxAwkParserTokens",
    "maxAwkParserOperations",
    "maxCsvRows",
    "maxCsvCells",
    "maxWorkUnits",
    "maxTraversalEntries",
    "maxTraversalWork",
    "maxLiveBytes",
    "maxInputBytes",
    "maxFileSystemBytes",
    "maxExecutionTimeMs",
    "maxGlobOperations",
    "maxStringLength",
    "maxArrayElements",
    "maxHeredocSize",
    "maxBraceExpansionResults",
    "maxOutputSize",
  ].map((name) => [name, MANY]),
);

/** One directory of the sandbox as just-bash asks for it; paths are below it. */
class Directory {
  #root;

  constructor(root) {
    this.#root = root;
  }

  #path(path) {
    return path === "/" || path === "" ? this.#root : `${this.#root}${path.startsWith("/") ? "" : "/"}${path}`;
  }

  async readFile(path, options) {
    const encoding = (typeof options === "string" ? options : options?.encoding) ?? "utf8";
    const bytes = fs.readFileSync(this.#path(path));
    return encoding === "binary" || encoding === "latin1" ? byteText(bytes) : new TextDecoder().decode(bytes);
  }

  async readFileBytes(path) {
    return byteText(fs.readFileSync(this.#path(path)));
  }

  async readFileBuffer(path) {
    return Uint8Array.from(fs.readFileSync(this.#path(path)));
  }

  async writeFile(path, content, options) {
    fs.writeFileSync(this.#path(path), bytesOf(content, options));
  }

  async appendFile(path, content, options) {
    fs.appendFileSync(this.#path(path), bytesOf(content, options));
  }

  async exists(path) {
    return fs.existsSync(this.#path(path));
  }

  async stat(path) {
    return shown(fs.statSync(this.#path(path)));
  }

  async lstat(path) {
    return shown(fs.lstatSync(this.#path(path)));
  }

  async mkdir(path, options) {
    fs.mkdirSync(this.#path(path), { recursive: options?.recursive === true });
  }

  async readdir(path) {
    return fs.readdirSync(this.#path(path)).toSorted();
  }

  async rm(path, options) {
    fs.rmSync(this.#path(path), { recursive: options?.recursive === true, force: options?.force === true });
  }

  async cp(from, to, options) {
    const [source, target] = [this.#path(from), this.#path(to)];
    if (!fs.statSync(source).isDirectory()) {
      fs.writeFileSync(target, fs.readFileSync(source));
      return;
    }
    if (options?.recursive !== true) throw new Error(`EISDIR: illegal operation on a directory, cp '${from}'`);
    fs.mkdirSync(target, { recursive: true });
    for (const name of fs.readdirSync(source)) await this.cp(`${from}/${name}`, `${to}/${name}`, options);
  }

  async mv(from, to) {
    fs.renameSync(this.#path(from), this.#path(to));
  }

  async chmod(path) {
    // Modes are not kept.
    fs.statSync(this.#path(path));
  }

  async symlink(target, path) {
    fs.symlinkSync(target, this.#path(path));
  }

  async link(existing, path) {
    fs.linkSync(this.#path(existing), this.#path(path));
  }

  async readlink(path) {
    return fs.readlinkSync(this.#path(path));
  }

  async realpath(path) {
    const real = fs.realpathSync(this.#path(path));
    return real.startsWith(`${this.#root}/`) ? real.slice(this.#root.length) : "/";
  }

  async utimes(path, accessed, modified) {
    fs.utimesSync(this.#path(path), accessed, modified);
  }

  resolvePath(base, path) {
    const parts = [];
    for (const part of (path.startsWith("/") ? path : `${base}/${path}`).split("/")) {
      if (part === "" || part === ".") continue;
      if (part === "..") parts.pop();
      else parts.push(part);
    }
    return `/${parts.join("/")}`;
  }

  getAllPaths() {
    // For patterns of names, which then read directories one by one.
    return [];
  }
}

function byteText(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function bytesOf(content, options) {
  if (typeof content !== "string") return content;
  const encoding = typeof options === "string" ? options : options?.encoding;
  if (encoding !== "binary" && encoding !== "latin1") return new TextEncoder().encode(content);
  return Uint8Array.from(content, (character) => character.charCodeAt(0) & 0xff);
}

function shown(stat) {
  return {
    isFile: stat.isFile(),
    isDirectory: stat.isDirectory(),
    isSymbolicLink: stat.isSymbolicLink(),
    mode: stat.isDirectory() ? 0o755 : 0o644,
    size: stat.size,
    mtime: new Date(stat.mtimeMs),
  };
}

const USAGE = "usage: wardian tool NAME [JSON] | wardian result JSON\n";

/** The command by which scripts reach their host. */
function hostCommand(report) {
  return defineCommand("wardian", async ([verb, ...rest]) => {
    const answer = (stdout, stderr = "", exitCode = 0) => ({ stdout, stderr, exitCode });
    if (verb === "result" && rest.length === 1) {
      try {
        report.value = [JSON.parse(rest[0])];
      } catch {
        return answer("", "wardian: the value of a run is JSON\n", 2);
      }
      return answer("");
    }
    const [name, json = "{}"] = rest;
    if (verb !== "tool" || name === undefined || rest.length > 2) return answer("", USAGE, 2);
    try {
      const value = await tools[name](JSON.parse(json));
      return answer(`${typeof value === "string" ? value : (JSON.stringify(value) ?? "null")}\n`);
    } catch (error) {
      return answer("", `wardian: ${error?.name ?? "Error"}: ${error?.message ?? error}\n`, 1);
    }
  });
}

/** Each run is a shell of its own over the same files. */
Object.defineProperty(globalThis, Symbol.for("wardian.bash"), {
  value: async ({ source, args, env, stdin }) => {
    const base = new InMemoryFs();
    const mounts = fs
      .readdirSync("/")
      .filter((name) => fs.statSync(`/${name}`).isDirectory())
      .map((name) => ({ mountPoint: `/${name}`, filesystem: new Directory(`/${name}`) }));
    const report = { value: undefined };
    const shell = new Bash({
      fs: new MountableFs({ base, mounts }),
      cwd: "/",
      env,
      executionLimits: LIMITS,
      defenseInDepth: false,
      customCommands: [hostCommand(report)],
    });
    // On the script's own first line, so that its lines keep their numbers.
    const words = args.map((word) => ` '${word.replaceAll("'", `'\\''`)}'`).join("");
    const script = words === "" ? source : `set --${words}; ${source}`;
    const { stdout, stderr, exitCode } = await shell.exec(script, { rawScript: true, stdin });
    return { stdout, stderr, exitCode, value: report.value };
  },
});
