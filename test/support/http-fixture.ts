import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";

/** The server of http-fixture.mjs for the tests of a file. */
export interface HttpFixture {
  readonly origin: string;
  readonly port: number;
  /** Requests that it has got. */
  hits(): Promise<number>;
}

export function useHttpFixture(): HttpFixture {
  let port = 0;
  let stop = (): void => undefined;
  beforeAll(async () => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, "http-fixture.mjs")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    stop = () => void child.kill();
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    port = Number(line.toString());
  });
  afterAll(() => stop());
  return {
    get port() {
      return port;
    },
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    hits: async () => Number(await (await fetch(`http://127.0.0.1:${port}/hits`)).text()),
  };
}
