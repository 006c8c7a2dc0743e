import { describeClass } from "../harness/describe-class.ts";
import { pythonExhaustion } from "./class.ts";

describeClass(pythonExhaustion);
