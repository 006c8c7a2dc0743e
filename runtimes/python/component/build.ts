/** Builds `.build/components/python.wasm`. Not part of the package: `npm run build:python-component`. */
import { fileURLToPath } from "node:url";
import { pythonComponent } from "./python-component.ts";

const bytes = await pythonComponent(fileURLToPath(new URL("../../../../", import.meta.url)));
process.stderr.write(`python component: ${Math.ceil(bytes.length / 1024)} KiB\n`);
