import { WardianError } from "../../errors.ts";
import type { ComponentReader } from "./component-reader.ts";

/** Codes of `canon` and its options (Component Model, Binary.md, "Canonical Definitions"). */
const LIFT = 0;
const LOWER = 1;
const RESOURCE_NEW = 2;
const RESOURCE_DROP = 3;
const RESOURCE_REP = 4;
const LAST_ENCODING = 2;
const LAST_INDEXED = 5;
const ASYNC = 6;
const CALLBACK = 7;

/**
 * A canonical function: of the component model as WASI 0.2 has it. Its asynchronous part (WASI 0.3: tasks, threads,
 * streams, futures) is refused, since glue for it runs the guest from the host's own jobs, outside of any run and its
 * limits.
 *
 * @throws WardianError "unsupported" for what is asynchronous.
 */
export function readCanonical(reader: ComponentReader): void {
  const code = reader.byte();
  switch (code) {
    case LIFT:
      if (reader.byte() !== 0) reader.fail("a canonical function is malformed");
      reader.u32();
      readOptions(reader);
      reader.u32();
      return;
    case LOWER:
      if (reader.byte() !== 0) reader.fail("a canonical function is malformed");
      reader.u32();
      readOptions(reader);
      return;
    case RESOURCE_NEW:
    case RESOURCE_DROP:
    case RESOURCE_REP:
      reader.u32();
      return;
    default:
      refuse(`the canonical function ${code}`);
  }
}

function readOptions(reader: ComponentReader): void {
  for (let left = reader.count(); left > 0; left--) {
    const option = reader.byte();
    if (option === ASYNC || option === CALLBACK) refuse("an asynchronous function");
    if (option > CALLBACK) refuse(`the option ${option} of a function`);
    // Which encoding strings have is said by the option itself.
    if (option > LAST_ENCODING && option <= LAST_INDEXED) reader.u32();
  }
}

function refuse(what: string): never {
  throw new WardianError(
    "unsupported",
    `Cannot load the component: it has ${what}, which WASI 0.2 does not know; build it for WASI 0.2`,
  );
}
