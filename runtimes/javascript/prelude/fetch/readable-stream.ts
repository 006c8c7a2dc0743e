/** `ReadableStream`: the part of the Streams standard that bodies need. No byte streams, no pipes, no queuing strategies. */
interface Source {
  start?(controller: Controller): unknown;
  pull?(controller: Controller): unknown;
  cancel?(reason: unknown): unknown;
}

interface Waiting {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** What a stream's maker fills it by. */
class Controller {
  readonly #stream: Queue;

  constructor(stream: Queue) {
    this.#stream = stream;
  }

  get desiredSize(): number | null {
    return this.#stream.state === "open" ? 1 - this.#stream.chunks.length : this.#stream.state === "closed" ? 0 : null;
  }
  enqueue(chunk: unknown): void {
    this.#stream.enqueue(chunk);
  }
  close(): void {
    this.#stream.close();
  }
  error(error: unknown): void {
    this.#stream.fail(error);
  }
}

class Queue {
  readonly chunks: unknown[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #source: Source;
  readonly #controller: Controller;
  #pulling = false;
  #started = false;
  /** Closing lets what is queued be read first. */
  state: "open" | "closing" | "closed" | "failed" = "open";
  #error: unknown;
  readonly #onEnd: (() => void)[] = [];

  constructor(source: Source) {
    this.#source = source;
    this.#controller = new Controller(this);
    void this.#start();
  }

  async #start(): Promise<void> {
    try {
      await this.#source.start?.(this.#controller);
      this.#started = true;
      this.#pull();
    } catch (error) {
      this.fail(error);
    }
  }

  read(): Promise<IteratorResult<unknown, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.chunks.length > 0) {
        const value = this.chunks.shift();
        if (this.state === "closing" && this.chunks.length === 0) this.#end("closed");
        resolve({ done: false, value });
        this.#pull();
      } else if (this.state === "failed") reject(this.#error);
      else if (this.state !== "open") resolve({ done: true, value: undefined });
      else {
        this.#waiting.push({ resolve, reject });
        this.#pull();
      }
    });
  }

  enqueue(chunk: unknown): void {
    if (this.state !== "open") throw new TypeError("The stream is closed");
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.chunks.push(chunk);
    else waiting.resolve({ done: false, value: chunk });
  }

  close(): void {
    if (this.state !== "open") throw new TypeError("The stream is closed");
    if (this.chunks.length > 0) this.state = "closing";
    else this.#end("closed");
  }

  fail(error: unknown): void {
    if (this.state === "closed" || this.state === "failed") return;
    this.#error = error;
    this.chunks.length = 0;
    this.#end("failed");
  }

  async cancel(reason: unknown): Promise<void> {
    if (this.state === "failed") throw this.#error;
    if (this.state === "closed") return;
    this.chunks.length = 0;
    this.#end("closed");
    await this.#source.cancel?.(reason);
  }

  /** Settles when the stream ends. */
  async ended(): Promise<void> {
    if (this.state === "open" || this.state === "closing")
      await new Promise<void>((resolve) => void this.#onEnd.push(resolve));
    if (this.state === "failed") throw this.#error;
  }

  #end(state: "closed" | "failed"): void {
    this.state = state;
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (state === "failed") reject(this.#error);
      else resolve({ done: true, value: undefined });
    }
    for (const tell of this.#onEnd.splice(0)) tell();
  }

  /** One chunk is asked for ahead of nobody: only when somebody waits, so that nothing is taken that nobody reads. */
  #pull(): void {
    if (
      !this.#started ||
      this.#pulling ||
      this.state !== "open" ||
      this.#source.pull === undefined ||
      this.#waiting.length === 0
    )
      return;
    this.#pulling = true;
    void this.#fill();
  }

  async #fill(): Promise<void> {
    try {
      await this.#source.pull?.(this.#controller);
      this.#pulling = false;
      this.#pull();
    } catch (error) {
      this.fail(error);
    }
  }
}

const LOCK: unique symbol = Symbol("lock");

class ReadableStreamDefaultReader {
  readonly #stream: ReadableStream;
  #queue: Queue | undefined;

  constructor(stream: ReadableStream) {
    this.#stream = stream;
    this.#queue = stream[LOCK](true);
  }

  get closed(): Promise<void> {
    return this.#held().ended();
  }
  async read(): Promise<IteratorResult<unknown, undefined>> {
    return await this.#held().read();
  }
  async cancel(reason?: unknown): Promise<void> {
    await this.#held().cancel(reason);
  }
  releaseLock(): void {
    if (this.#queue === undefined) return;
    this.#queue = undefined;
    this.#stream[LOCK](false);
  }

  #held(): Queue {
    if (this.#queue === undefined) throw new TypeError("The reader was released");
    return this.#queue;
  }
}

export class ReadableStream {
  readonly #queue: Queue;
  #locked = false;

  constructor(source: Source = {}) {
    this.#queue = new Queue(source);
  }

  get locked(): boolean {
    return this.#locked;
  }

  getReader(): ReadableStreamDefaultReader {
    return new ReadableStreamDefaultReader(this);
  }

  async cancel(reason?: unknown): Promise<void> {
    if (this.#locked) throw new TypeError("The stream is locked to a reader");
    await this.#queue.cancel(reason);
  }

  /** Two streams of the same chunks; what one has not read is kept for it. */
  tee(): [ReadableStream, ReadableStream] {
    const reader = this.getReader();
    const controllers: (Controller | undefined)[] = [];
    let left = 2;
    const branch = (index: number): ReadableStream =>
      new ReadableStream({
        start: (controller) => void (controllers[index] = controller),
        async pull() {
          try {
            const { done, value } = await reader.read();
            for (const controller of controllers) {
              if (done === true) controller?.close();
              else controller?.enqueue(value);
            }
          } catch (error) {
            for (const controller of controllers) controller?.error(error);
          }
        },
        async cancel(reason) {
          controllers[index] = undefined;
          if (--left === 0) await reader.cancel(reason);
        },
      });
    return [branch(0), branch(1)];
  }

  async *values(options: { readonly preventCancel?: boolean } = {}): AsyncGenerator<unknown, undefined> {
    const reader = this.getReader();
    let finished = false;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done === true) {
          finished = true;
          return undefined;
        }
        yield value;
      }
    } catch (error) {
      finished = true;
      throw error;
    } finally {
      if (!finished && options.preventCancel !== true) await reader.cancel();
      reader.releaseLock();
    }
  }

  [Symbol.asyncIterator](): AsyncGenerator<unknown, undefined> {
    return this.values();
  }

  get [Symbol.toStringTag](): string {
    return "ReadableStream";
  }

  [LOCK](take: boolean): Queue {
    if (take && this.#locked) throw new TypeError("The stream is locked to a reader");
    this.#locked = take;
    return this.#queue;
  }
}
