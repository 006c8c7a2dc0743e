// Prints, as JSON, how programs end in this runtime: node run-recursion.mjs EXECUTION LIST...
import { measureRecursion } from "./measure-recursion.mjs";

console.log(JSON.stringify(await measureRecursion(process.argv[2], process.argv.slice(3))));
process.exit(0);
