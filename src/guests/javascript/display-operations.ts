import type { DisplaySink } from "../../capabilities/output.ts";
import { showDisplay } from "../show-display.ts";
import type { Reply } from "./host-interface.ts";
import { DISPLAY_OPERATION } from "./operations.ts";

const NOTHING: Reply = { tag: "nothing" };

/** The host's end of `display` (runtimes/javascript/prelude/display.ts): a media type, and what is shown as bytes. */
export function displayOperations(
  displays: DisplaySink | undefined,
): (operation: number, text: string, data: Uint8Array) => Reply {
  return (operation, mime, data) => {
    if (operation === DISPLAY_OPERATION.text || operation === DISPLAY_OPERATION.bytes)
      showDisplay(displays, mime, data, operation === DISPLAY_OPERATION.text);
    return NOTHING;
  };
}
