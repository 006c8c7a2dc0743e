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
  /** Whether links can be made. */
  readonly links: boolean;
  /** Whether `sync` waits for the disk: too long for a guest's deadline, but a commit needs it. */
  readonly durable: boolean;
  disposed = false;

  constructor(
    broker: Broker,
    names: NameRules,
    budget: GrowthBudget,
    writable: boolean,
    also: { readonly links?: boolean; readonly durable?: boolean } = {},
  ) {
    this.broker = broker;
    this.names = names;
    this.budget = budget;
    this.writable = writable;
    this.links = also.links ?? false;
    this.durable = also.durable ?? false;
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

  /** Throws if no link can be made: one that a guest plants leads the host's own programs astray, and a second name outlives what the host does with the first one. */
  checkLinks(): void {
    this.checkWritable();
    if (!this.links) throw new ErrnoFailure("EPERM");
  }
}
