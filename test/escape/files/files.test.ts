import { describeClass } from "../harness/describe-class.ts";
import { fileAttacks } from "./class.ts";

describeClass(fileAttacks);
