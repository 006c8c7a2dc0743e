/** `DOMException`: Web IDL, section 4.3, without the legacy codes nobody reads. */
const CODES: Readonly<Record<string, number>> = {
  InvalidCharacterError: 5,
  AbortError: 20,
  QuotaExceededError: 22,
  TimeoutError: 23,
  DataCloneError: 25,
};

export class DOMException extends Error {
  constructor(message: unknown = "", name: unknown = "Error") {
    super(String(message));
    Object.defineProperty(this, "name", { value: String(name), writable: true, configurable: true, enumerable: false });
  }

  get code(): number {
    return Object.hasOwn(CODES, this.name) ? (CODES[this.name] as number) : 0;
  }
}
