import { describeClass } from "../harness/describe-class.ts";
import { networkAttacks } from "./class.ts";

describeClass(networkAttacks);
