import { describeClass } from "../harness/describe-class.ts";
import { wasmAttacks } from "./class.ts";

describeClass(wasmAttacks);
