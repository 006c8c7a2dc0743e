/** POSIX paths, as `node:path` treats them. */

export const sep = "/";
export const delimiter = ":";

export function normalize(path: string): string {
  checkText(path);
  if (path === "") return ".";
  const absolute = path.startsWith("/");
  const trailing = path.endsWith("/");
  const parts = segments(path, !absolute);
  let text = parts.join("/");
  if (text === "" && !absolute) text = ".";
  if (text !== "" && trailing) text += "/";
  return absolute ? `/${text}` : text;
}

function segments(path: string, keepUp: boolean): string[] {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts[parts.length - 1] !== "..") parts.pop();
    else if (keepUp) parts.push("..");
  }
  return parts;
}

export function join(...paths: string[]): string {
  for (const path of paths) checkText(path);
  const joined = paths.filter((path) => path !== "").join("/");
  return joined === "" ? "." : normalize(joined);
}

export function resolve(...paths: string[]): string {
  let path = "";
  for (let index = paths.length - 1; index >= 0 && !path.startsWith("/"); index--) {
    const part = paths[index] ?? "";
    checkText(part);
    if (part !== "") path = path === "" ? part : `${part}/${path}`;
  }
  return `/${segments(path, false).join("/")}`;
}

export function isAbsolute(path: string): boolean {
  checkText(path);
  return path.startsWith("/");
}

export function dirname(path: string): string {
  checkText(path);
  const end = withoutTrailing(path);
  const at = end.lastIndexOf("/");
  return at < 0 ? (path.startsWith("/") ? "/" : ".") : at === 0 ? "/" : withoutTrailing(end.slice(0, at)) || "/";
}

export function basename(path: string, suffix?: string): string {
  checkText(path);
  const end = withoutTrailing(path);
  const name = end.slice(end.lastIndexOf("/") + 1);
  return suffix !== undefined && name !== suffix && name.endsWith(suffix)
    ? name.slice(0, name.length - suffix.length)
    : name;
}

export function extname(path: string): string {
  const name = basename(path);
  const at = name.lastIndexOf(".");
  return at <= 0 || name === ".." ? "" : name.slice(at);
}

export function relative(from: string, to: string): string {
  const start = segments(resolve(from), false);
  const end = segments(resolve(to), false);
  let same = 0;
  while (same < start.length && same < end.length && start[same] === end[same]) same++;
  return [...start.slice(same).map(() => ".."), ...end.slice(same)].join("/");
}

interface ParsedPath {
  root: string;
  dir: string;
  base: string;
  ext: string;
  name: string;
}

export function parse(path: string): ParsedPath {
  const base = basename(path);
  const ext = extname(path);
  const root = path.startsWith("/") ? "/" : "";
  const dir = path.includes("/") && (root === "" || withoutTrailing(path) !== "") ? dirname(path) : root;
  return { root, dir, base, ext, name: ext === "" ? base : base.slice(0, -ext.length) };
}

export function format(path: Partial<ParsedPath>): string {
  const dir = path.dir ?? path.root ?? "";
  const base =
    path.base ??
    `${path.name ?? ""}${path.ext === undefined || path.ext.startsWith(".") ? (path.ext ?? "") : `.${path.ext}`}`;
  return dir === "" ? base : dir === path.root ? dir + base : `${dir}/${base}`;
}

function withoutTrailing(path: string): string {
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

function checkText(path: unknown): void {
  if (typeof path !== "string")
    throw new TypeError(`The "path" argument must be of type string. Received ${path === null ? "null" : typeof path}`);
}
