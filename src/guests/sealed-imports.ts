import { PREVIEW1_MODULE, preview1Signature } from "../wasi/preview1/signatures.ts";

/** An import that no sandbox provides. */
export interface UnsealedImport {
  readonly module: string;
  readonly name: string;
  readonly why: string;
}

/**
 * The imports that make a core module unsealed: everything that is not a function of WASI preview 1, of the type that it
 * has there. A module is sealed if the list is empty.
 */
export function findUnsealedImports(module: {
  readonly imports: readonly {
    readonly module: string;
    readonly name: string;
    readonly kind: string;
    readonly type: string;
  }[];
}): UnsealedImport[] {
  const unsealed: UnsealedImport[] = [];
  for (const { module: from, name, kind, type } of module.imports) {
    const why = whyUnsealed(from, name, kind, type);
    if (why !== undefined) unsealed.push({ module: from, name, why });
  }
  return unsealed;
}

/** Why an import of a core module makes it unsealed; undefined for one that is served. */
export function whyUnsealed(from: string, name: string, kind: string, type: string): string | undefined {
  if (from !== PREVIEW1_MODULE) return "not a WASI preview 1 import";
  if (kind !== "function") return `an imported ${kind} shares state with the host; only functions can be provided`;
  const expected = preview1Signature(name);
  if (expected === undefined) return "not a function of WASI preview 1";
  // Another type could pass references, or numbers where the codec expects none.
  return type === expected ? undefined : `of type ${type} where WASI has ${expected}`;
}
