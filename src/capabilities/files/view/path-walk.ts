import type { DirectoryNode, Errno, FileSystemNode } from "../file-system.ts";
import { parseGuestPath } from "../guest-path.ts";
import type { Mount, MountTable, VirtualDirectory } from "./mount-table.ts";

/** As on Linux: the most symlinks that one path may go through. */
export const MAX_SYMLINKS = 40;

/** A directory that the walk stands in, with the way back: ".." follows `parent` and never asks a file system. */
export interface Place {
  readonly path: string;
  readonly parent: Place | undefined;
  readonly directory: { readonly mount: Mount; readonly node: DirectoryNode } | VirtualDirectory;
}

/** Where a path ends. */
export type Destination =
  /** A directory reached by "/", "." or "..": it has no name to create, remove or rename. */
  | { readonly kind: "place"; readonly place: Place }
  /** `directoryOnly`: the path ended in a slash. */
  | {
      readonly kind: "node";
      readonly parent: Place;
      readonly name: string;
      readonly mount: Mount;
      readonly node: FileSystemNode;
      readonly directoryOnly: boolean;
    }
  /** A mount point, or a directory on the way to one. */
  | {
      readonly kind: "virtual";
      readonly parent: Place;
      readonly name: string;
      readonly place: Place;
      readonly directoryOnly: boolean;
    }
  | { readonly kind: "missing"; readonly parent: Place; readonly name: string; readonly directoryOnly: boolean };

/**
 * What happens to a symlink in the last component: `follow` it, `keep` it unless a slash follows, or take it as a
 * `name` always (for removing and renaming).
 */
export type LastLink = "follow" | "keep" | "name";

export interface PathWalk {
  readonly table: MountTable;
  /** Called before each step. False: stop with EIO. */
  readonly step: (mount: Mount | undefined) => boolean;
  /** A symlink may not lead out of its mount: EXDEV. */
  readonly confined?: boolean;
  /** Called where a name leads to nothing above the mounts: no directory of the guest's, but a place that it was not given. */
  readonly outside?: () => void;
}

/** Walks `path` one component at a time; symlinks are resolved in the guest's tree, so none can leave it. */
export function walkPath(walk: PathWalk, path: string, cwd: string, lastLink: LastLink): Destination | Errno {
  const parsed = parseGuestPath(path);
  if (typeof parsed === "string") return parsed;
  let names = parsed.components;
  /** Set by the first symlink: what is still to come, taken from the end, so that its target can be put in front. */
  let pending: string[] | undefined;
  if (!parsed.absolute) {
    const base = parseGuestPath(cwd);
    if (typeof base === "string" || !base.absolute) return "EINVAL";
    names = [...base.components, ...names];
  }
  let directoryOnly = parsed.directoryOnly;
  let links = 0;
  /** The mount that may not be left any more. */
  let confinedTo: Mount | undefined;
  const root = rootPlace(walk.table);
  let place = root;
  for (let at = 0; ; at++) {
    const name = pending === undefined ? names[at] : pending.pop();
    if (name === undefined) break;
    if (name === ".") continue;
    if (name === "..") {
      // The parent of the root is the root.
      place = place.parent ?? place;
      continue;
    }
    const last = pending === undefined ? at === names.length - 1 : pending.length === 0;
    if (confinedTo !== undefined && !isOnWay(place, confinedTo)) return "EXDEV";
    if (!walk.step("mount" in place.directory ? place.directory.mount : undefined)) return "EIO";
    const next = childOf(place, name);
    if (typeof next === "string") {
      if (!("mount" in place.directory)) walk.outside?.();
      return next === "ENOENT" && last ? { kind: "missing", parent: place, name, directoryOnly } : next;
    }
    if (next.kind === "virtual") {
      if (confinedTo !== undefined && !isOnWay(next.place, confinedTo)) return "EXDEV";
      if (last) return { ...next, directoryOnly };
      place = next.place;
      continue;
    }
    const { node } = next;
    if (node.kind === "symlink" && (!last || lastLink === "follow" || (lastLink === "keep" && directoryOnly))) {
      links += 1;
      if (links > MAX_SYMLINKS) return "ELOOP";
      if (walk.confined === true) confinedTo ??= next.mount;
      const link = node.readTarget();
      if (typeof link === "string") return link;
      const target = parseGuestPath(link.target);
      if (typeof target === "string") return target;
      if (target.absolute) place = root;
      if (last) directoryOnly ||= target.directoryOnly;
      pending ??= names.slice(at + 1).toReversed();
      pending.push(...target.components.toReversed());
      continue;
    }
    if (last) return { kind: "node", parent: place, name, mount: next.mount, node, directoryOnly };
    if (node.kind !== "directory") return "ENOTDIR";
    place = { path: joinPath(place.path, name), parent: place, directory: { mount: next.mount, node } };
  }
  return confinedTo !== undefined && !isOnWay(place, confinedTo) ? "EXDEV" : { kind: "place", place };
}

/** Whether `place` lies in the mount; the directories above it are passed on the way there. */
function isOnWay({ path, directory }: Place, mount: Mount): boolean {
  if ("mount" in directory) return directory.mount === mount;
  return mount.path.startsWith(path === "/" ? path : `${path}/`);
}

/** The place of a destination that is a directory; undefined for anything else. */
export function placeOf(destination: Destination): Place | undefined {
  if (destination.kind === "place" || destination.kind === "virtual") return destination.place;
  if (destination.kind === "missing" || destination.node.kind !== "directory") return undefined;
  const { parent, name, mount, node } = destination;
  return { path: joinPath(parent.path, name), parent, directory: { mount, node } };
}

export function joinPath(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

/** Whether `path` is `directory` or lies below it. Both are canonical. */
export function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function rootPlace(table: MountTable): Place {
  return { path: "/", parent: undefined, directory: directoryOf(table.root) };
}

function directoryOf(entry: VirtualDirectory | Mount): Place["directory"] {
  return "children" in entry ? entry : { mount: entry, node: entry.root };
}

type Child =
  | {
      readonly kind: "node";
      readonly parent: Place;
      readonly name: string;
      readonly mount: Mount;
      readonly node: FileSystemNode;
    }
  | { readonly kind: "virtual"; readonly parent: Place; readonly name: string; readonly place: Place };

function childOf(parent: Place, name: string): Child | Errno {
  const { directory } = parent;
  if ("mount" in directory) {
    const node = directory.node.lookup(name);
    return typeof node === "string" ? node : { kind: "node", parent, name, mount: directory.mount, node };
  }
  const entry = directory.children.get(name);
  if (entry === undefined) return "ENOENT";
  return {
    kind: "virtual",
    parent,
    name,
    place: { path: joinPath(parent.path, name), parent, directory: directoryOf(entry) },
  };
}
