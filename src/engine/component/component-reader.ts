import { ByteReader } from "../../internal/byte-reader.ts";
import { WardianError } from "../../errors.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Longest name: real ones are interface names with versions and mangled symbols. */
const MAX_NAME_BYTES = 10_000;

/** Reads the binary form of components; whatever it cannot read is a WardianError "invalid-module". */
export class ComponentReader extends ByteReader {
  override fail(message: string, offset: number = this.position): never {
    throw new WardianError("invalid-module", `Cannot read the component: ${message} (at byte ${offset})`);
  }

  /** How many items follow: no more than bytes are left, since each takes one at least. */
  count(): number {
    const count = this.u32();
    if (count > this.end - this.position) this.fail("a list is longer than its section");
    return count;
  }

  text(): string {
    const length = this.u32();
    if (length > MAX_NAME_BYTES) this.fail(`a name of ${length} bytes is too long`);
    try {
      return decoder.decode(this.range(length));
    } catch (cause) {
      if (cause instanceof WardianError) throw cause;
      return this.fail("a name is not UTF-8");
    }
  }

  /** A name that core modules and instances use, which may be any text in the standard. See {@link CORE_NAME}. */
  coreName(): string {
    const name = this.text();
    if (!CORE_NAME.test(name) || name === "__proto__") this.fail(`the core name ${shown(name)} is not allowed`);
    return name;
  }

  /** A label: the name of a field, case, flag or parameter. */
  label(): string {
    const name = this.text();
    if (!LABEL.test(name)) this.fail(`the label ${shown(name)} is not in kebab case`);
    return name;
  }

  /** The name of an import or export (`importname'`, `exportname'`), with or without a version suffix. */
  externName(): string {
    const form = this.byte();
    if (form > 1) this.fail(`the form ${form} of an external name is not known`);
    const name = this.text();
    if (!EXTERN_NAME.test(name)) this.fail(`the external name ${shown(name)} is not allowed`);
    return name;
  }
}

/**
 * The names that are let through. Generators of glue code write names into program text, jco without escaping them, so
 * that a quote in a core name would run as the host's own code. What tools produce is within these letters.
 */
export const CORE_NAME: RegExp = /^[A-Za-z0-9_.$:/@#[\]<>=+,()|& -]*$/;
const LABEL = /^[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*$/;
const EXTERN_NAME = /^[A-Za-z0-9:/@.+[\]<>=-]+$/;

function shown(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
