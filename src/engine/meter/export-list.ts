import { WardianError } from "../../errors.ts";
import type { ExternalKind } from "../binary/module.ts";

/** An export of the result. */
export interface ExportItem {
  readonly name: string;
  readonly kind: ExternalKind;
  /** As in the module as given, unless `raw`. */
  readonly index: number;
  /** The index is that of the result. */
  readonly raw?: boolean;
}

/** The exports of the result, under names of which each is there once. */
export class ExportList {
  readonly items: ExportItem[] = [];
  readonly #names: Set<string> = new Set();

  /** Returns the name. @throws WardianError `invalid-option` if it is taken. */
  add(item: ExportItem): string {
    if (this.#names.has(item.name))
      throw new WardianError("invalid-option", `Cannot meter module: export name "${item.name}" is taken`);
    this.#names.add(item.name);
    this.items.push(item);
    return item.name;
  }

  /** A name that no export has. */
  unique(base: string): string {
    let name = base;
    for (let suffix = 2; this.#names.has(name); suffix++) name = `${base}.${suffix}`;
    return name;
  }
}
