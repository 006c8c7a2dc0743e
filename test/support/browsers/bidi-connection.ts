import { WebSocket } from "undici";

type Params = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly method: string;
  readonly resolve: (result: Params) => void;
  readonly reject: (error: Error) => void;
}

/** Commands and events of WebDriver BiDi (W3C), which browsers speak over a WebSocket. */
export class BidiConnection {
  readonly #socket: WebSocket;
  readonly #onEvent: (method: string, params: Params) => void;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  static async open(url: string, onEvent: (method: string, params: Params) => void): Promise<BidiConnection> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      socket.addEventListener("error", () => reject(new Error(`Cannot connect to ${url}`)), { once: true });
    });
    return new BidiConnection(socket, onEvent);
  }

  private constructor(socket: WebSocket, onEvent: (method: string, params: Params) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(String(data)) as Params));
    socket.addEventListener("close", () => {
      for (const { method, reject } of this.#waiting.values()) reject(new Error(`${method}: the browser has gone`));
      this.#waiting.clear();
    });
  }

  async send(method: string, params: Params): Promise<Params> {
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(message: Params): void {
    if (message["type"] === "event") {
      this.#onEvent(String(message["method"]), message["params"] as Params);
      return;
    }
    const id = Number(message["id"]);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (message["type"] === "success") waiting?.resolve(message["result"] as Params);
    else waiting?.reject(new Error(`${waiting.method}: ${String(message["error"])}: ${String(message["message"])}`));
  }
}
