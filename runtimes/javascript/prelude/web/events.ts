/** `Event`, `EventTarget`, `AbortController` and `AbortSignal`: DOM, sections 2 and 3, for a world without a tree. */
import { DOMException } from "./dom-exception.ts";

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };

interface Registration {
  readonly type: string;
  readonly listener: Listener;
  readonly capture: boolean;
  readonly once: boolean;
}

const STOPPED: unique symbol = Symbol("stopped");
const TARGET: unique symbol = Symbol("target");

class Event {
  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly timeStamp: number;
  #prevented = false;
  [STOPPED] = false;
  [TARGET]: EventTarget | null = null;

  constructor(type: unknown, options: { readonly bubbles?: boolean; readonly cancelable?: boolean } = {}) {
    this.type = String(type);
    this.bubbles = Boolean(options.bubbles);
    this.cancelable = Boolean(options.cancelable);
    this.timeStamp = performance.now();
  }

  get target(): EventTarget | null {
    return this[TARGET];
  }
  get currentTarget(): EventTarget | null {
    return this[TARGET];
  }
  get defaultPrevented(): boolean {
    return this.#prevented;
  }
  preventDefault(): void {
    if (this.cancelable) this.#prevented = true;
  }
  stopPropagation(): void {}
  stopImmediatePropagation(): void {
    this[STOPPED] = true;
  }
}

class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(
    type: unknown,
    options: { readonly bubbles?: boolean; readonly cancelable?: boolean; readonly detail?: unknown } = {},
  ) {
    super(type, options);
    this.detail = options.detail ?? null;
  }
}

let report: (error: unknown) => void = () => undefined;

class EventTarget {
  #registrations: Registration[] = [];

  addEventListener(
    type: unknown,
    listener: Listener | null,
    options: boolean | { readonly capture?: boolean; readonly once?: boolean; readonly signal?: AbortSignal } = {},
  ): void {
    if (listener === null || listener === undefined) return;
    const { capture = false, once = false, signal } = typeof options === "boolean" ? { capture: options } : options;
    if (signal?.aborted === true) return;
    const name = String(type);
    if (
      this.#registrations.some(
        (known) => known.type === name && known.listener === listener && known.capture === capture,
      )
    )
      return;
    this.#registrations.push({ type: name, listener, capture, once });
    signal?.addEventListener("abort", () => this.removeEventListener(name, listener, capture), { once: true });
  }

  removeEventListener(
    type: unknown,
    listener: Listener | null,
    options: boolean | { readonly capture?: boolean } = {},
  ): void {
    const capture = typeof options === "boolean" ? options : (options.capture ?? false);
    this.#registrations = this.#registrations.filter(
      (known) => known.type !== String(type) || known.listener !== listener || known.capture !== capture,
    );
  }

  dispatchEvent(event: Event): boolean {
    event[TARGET] = this;
    for (const registration of this.#registrations.filter((known) => known.type === event.type)) {
      if (event[STOPPED]) break;
      if (registration.once) this.removeEventListener(registration.type, registration.listener, registration.capture);
      const { listener } = registration;
      try {
        if (typeof listener === "function") listener.call(this, event);
        else listener.handleEvent(event);
      } catch (error) {
        report(error);
      }
    }
    return !event.defaultPrevented;
  }
}

const MAKE: unique symbol = Symbol("make");
const ABORT: unique symbol = Symbol("abort");

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  onabort: ((event: Event) => void) | null = null;

  constructor(key?: unknown) {
    super();
    if (key !== MAKE) throw new TypeError("Illegal constructor");
  }

  get aborted(): boolean {
    return this.#aborted;
  }
  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  [ABORT](reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason === undefined ? new DOMException("This operation was aborted", "AbortError") : reason;
    const event = new Event("abort");
    this.onabort?.(event);
    this.dispatchEvent(event);
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(MAKE);
    signal[ABORT](reason);
    return signal;
  }

  static timeout(ms: number): AbortSignal {
    const signal = new AbortSignal(MAKE);
    setTimeout(() => signal[ABORT](new DOMException("The operation was aborted due to timeout", "TimeoutError")), ms);
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const joined = new AbortSignal(MAKE);
    for (const signal of signals) {
      if (signal.aborted) joined[ABORT](signal.reason);
      signal.addEventListener("abort", () => joined[ABORT](signal.reason), { once: true });
    }
    return joined;
  }
}

class AbortController {
  readonly signal: AbortSignal = new AbortSignal(MAKE);

  abort(reason?: unknown): void {
    this.signal[ABORT](reason);
  }
}

export function installEvents(
  define: (name: string, value: unknown) => void,
  reportError: (error: unknown) => void,
): void {
  report = reportError;
  for (const [name, type] of Object.entries({ Event, CustomEvent, EventTarget, AbortSignal, AbortController })) {
    // The bundler renames classes that mention themselves.
    Object.defineProperty(type, "name", { value: name, configurable: true });
    define(name, type);
  }
}
