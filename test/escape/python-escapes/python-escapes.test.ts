import { describeClass } from "../harness/describe-class.ts";
import { pythonEscapes } from "./class.ts";

describeClass(pythonEscapes);
