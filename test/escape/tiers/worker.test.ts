import { describeTier } from "../harness/describe-tier.ts";

describeTier("worker");
