import type { Mount } from "./mount-table.ts";
import { STEP_UNITS } from "../file-charges.ts";

/** Charges file work to the guest. A method returns false if the guest may not go on. */
export class WorkMeter {
  readonly #charge: (units: number) => unknown;
  #bytesRead = 0;
  #bytesWritten = 0;

  constructor(charge: (units: number) => unknown) {
    this.#charge = charge;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** One call to a node or handle of `mount`; undefined is the virtual tree. */
  operation(mount: Mount | undefined): boolean {
    return this.#units(STEP_UNITS + (mount === undefined ? 0 : mount.costs.operationUnits));
  }

  /** One call to an open file. */
  handle(mount: Mount): boolean {
    return this.#units(mount.costs.handleUnits);
  }

  /** One change in a directory. */
  change(mount: Mount): boolean {
    return this.#units(mount.costs.operationUnits + mount.costs.changeUnits);
  }

  entries(mount: Mount, count: number): boolean {
    return this.#units(mount.costs.entryUnits * count);
  }

  bytes(mount: Mount, count: number): boolean {
    return this.#units(Math.ceil(mount.costs.byteUnits * count));
  }

  countRead(bytes: number): void {
    this.#bytesRead += bytes;
  }

  countWritten(bytes: number): void {
    this.#bytesWritten += bytes;
  }

  reset(): void {
    this.#bytesRead = 0;
    this.#bytesWritten = 0;
  }

  #units(units: number): boolean {
    return this.#charge(units) !== false;
  }
}
