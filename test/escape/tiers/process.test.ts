import { describeTier } from "../harness/describe-tier.ts";

describeTier("process");
