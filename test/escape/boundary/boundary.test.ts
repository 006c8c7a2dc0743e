import { describeClass } from "../harness/describe-class.ts";
import { boundaryAttacks } from "./class.ts";

describeClass(boundaryAttacks);
