import type { Broker } from "./broker.ts";
import { ErrnoFailure } from "./errno-failure.ts";
import type { GrowthBudget } from "./growth-budget.ts";
import type { NameRules } from "./name-rules.ts";

/** What the nodes of one mounted host directory share. */
export class HostTree {
  readonly broker: Broker;
  readonly names: NameRules;
  readonly budget: GrowthBudget;
  readonly writable: boolean;
  disposed = false;

  constructor(broker: Broker, names: NameRules, budget: GrowthBudget, writable: boolean) {
    this.broker = broker;
    this.names = names;
    this.budget = budget;
    this.writable = writable;
  }

  /** Throws if the mount is gone: a descriptor number of it may be somebody else's by now. */
  checkOpen(): void {
    if (this.disposed) throw new ErrnoFailure("EBADF");
  }

  /** Throws if nothing can be changed. */
  checkWritable(): void {
    this.checkOpen();
    if (!this.writable) throw new ErrnoFailure("EROFS");
  }
}
