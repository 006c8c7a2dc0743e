import { describeClass } from "../harness/describe-class.ts";
import { javascriptEscapes } from "./class.ts";

describeClass(javascriptEscapes);
