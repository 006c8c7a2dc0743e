import { describeClass } from "../harness/describe-class.ts";
import { toolAttacks } from "./class.ts";

describeClass(toolAttacks);
