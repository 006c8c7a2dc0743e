import { HTTP_ERROR } from "../http-calls.ts";
import type { NetworkLimits } from "../policy/network-policy.ts";
import { maskText } from "../policy/secrets.ts";
import type { Secret } from "../policy/secrets.ts";
import type { SpentNetwork } from "./http-ledger-options.ts";

/** A request that was refused, as the run's result tells it. */
export interface NetworkDenial {
  /** "network.GET" or "network.requests": the method of what was denied, or the budget that is used up. */
  readonly what: string;
  /** Origin and path, without the query: a guest may have put anything there. */
  readonly where: string;
  readonly rule: string;
  readonly count: number;
}

export interface Refusal {
  readonly kind: "refused";
  readonly name: string;
  readonly message: string;
}

/** Kinds of denials that are told apart; a guest could make up any number. */
const MAX_DENIALS = 100;

/** What one run has used of its network budgets, and what it was refused. */
export class NetworkAccount {
  readonly #limits: NetworkLimits;
  readonly #secrets: readonly Secret[];
  readonly #denials = new Map<
    string,
    { readonly what: string; readonly where: string; readonly rule: string; count: number }
  >();
  #requests = 0;
  #bytesUp = 0;
  #bytesDown = 0;
  #exhausted: number | undefined;

  constructor(limits: NetworkLimits, secrets: readonly Secret[], spent?: SpentNetwork) {
    this.#limits = limits;
    this.#secrets = secrets;
    this.#requests = spent?.requests ?? 0;
    this.#bytesUp = spent?.bytesUp ?? 0;
    this.#bytesDown = spent?.bytesDown ?? 0;
  }

  get requests(): number {
    return this.#requests;
  }

  get bytesUp(): number {
    return this.#bytesUp;
  }

  get bytesDown(): number {
    return this.#bytesDown;
  }

  /** The budget that refused something last; undefined if none has. */
  get exhausted(): number | undefined {
    return this.#exhausted;
  }

  get denials(): readonly NetworkDenial[] {
    return [...this.#denials.values()].map((denial) => ({ ...denial }));
  }

  deny(method: string, url: URL, rule: string, afterRedirect: boolean): Refusal {
    const where = this.placeOf(url);
    this.#note(`network.${method}`, where, rule);
    const redirect = afterRedirect ? "redirected to " : "";
    return {
      kind: "refused",
      name: HTTP_ERROR.denied,
      message: `The network policy denies ${method} ${redirect}${where}: ${rule}`,
    };
  }

  limit(what: keyof NetworkLimits | "redirects", url: URL, rule: string): Refusal {
    if (what !== "redirects") this.#exhausted = this.#limits[what];
    this.#note(`network.${what}`, this.placeOf(url), rule);
    return { kind: "refused", name: HTTP_ERROR.limit, message: `The network limit is reached: ${rule}` };
  }

  payRequest(url: URL, bytes: number): Refusal | undefined {
    const { requests, bytesUp } = this.#limits;
    if (this.#requests >= requests) return this.limit("requests", url, `${requests} requests`);
    if (this.#bytesUp + bytes > bytesUp) return this.limit("bytesUp", url, `${bytesUp} bytes up`);
    this.#requests++;
    this.#bytesUp += bytes;
    return undefined;
  }

  payBytesDown(url: URL, bytes: number): Refusal | undefined {
    this.#bytesDown += bytes;
    return this.#bytesDown > this.#limits.bytesDown
      ? this.limit("bytesDown", url, `${this.#limits.bytesDown} bytes down`)
      : undefined;
  }

  /** Origin and path; a redirect may have a secret in it that the server echoes. */
  placeOf(url: URL): string {
    const place = maskText(this.#secrets, url.origin === "null" ? url.protocol : `${url.origin}${url.pathname}`);
    return place.length > MAX_PLACE ? `${place.slice(0, MAX_PLACE)}…` : place;
  }

  #note(what: string, where: string, rule: string): void {
    const key = `${what}\n${where}\n${rule}`;
    const known = this.#denials.get(key);
    if (known !== undefined) known.count++;
    else if (this.#denials.size < MAX_DENIALS) this.#denials.set(key, { what, where, rule, count: 1 });
    else this.#noteRest();
  }

  #noteRest(): void {
    const rest = this.#denials.get("");
    if (rest === undefined)
      this.#denials.set("", {
        what: "network",
        where: "elsewhere",
        rule: "more kinds of denials than are told apart",
        count: 1,
      });
    else rest.count++;
  }
}

const MAX_PLACE = 200;
