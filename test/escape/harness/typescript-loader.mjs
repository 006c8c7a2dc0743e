// node --import …/typescript-loader.mjs FILE.ts runs the sources as they are, as the tests do: Node 20 strips no types.
import { register } from "node:module";

register("./typescript-hooks.mjs", import.meta.url);
