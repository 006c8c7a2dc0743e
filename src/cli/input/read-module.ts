import { basename } from "node:path";
import { command } from "../../guests/module/guest-module.ts";
import type { GuestModule } from "../../guests/module/guest-module.ts";
import { readBytes } from "./read-source.ts";

/** Reads a .wasm file to be run as a command. Its own name is all that the program learns of where it lies. */
export async function readModule(file: string): Promise<GuestModule> {
  return command(await readBytes(file), { name: basename(file) });
}
