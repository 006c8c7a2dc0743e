import { describeClass } from "../harness/describe-class.ts";
import { javascriptExhaustion } from "./class.ts";

describeClass(javascriptExhaustion);
