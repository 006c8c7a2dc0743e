// Runs the corpus against the built package and tells what each program came to: its end, output, fuel and the digest of
// the guest's memory. Plain JavaScript without imports of any platform, so that every runtime and browser can run it.
import { javascript } from "./corpus/javascript.mjs";
import { python } from "./corpus/python.mjs";

const dist = new URL("../../../dist/", import.meta.url);
const { host } = await import(new URL("host.js", dist).href);
const { Sandbox } = await import(new URL("sandbox/sandbox.js", dist).href);

/** The sessions that guests were made with, for their memory. */
const sessions = [];
const watched = {
  ...host,
  guests: host.guests.map((guest) => ({
    ...guest,
    create: async (context) => {
      const session = await guest.create(context);
      sessions.push(session);
      return session;
    },
  })),
};

class WatchedSandbox extends Sandbox {
  static async create(options) {
    return new WatchedSandbox(await Sandbox.createOn(watched, options));
  }
}

const FUEL = { javascript: 3e8, python: 2e9 };

export async function measureCorpus() {
  const table = {};
  for (const [language, programs] of Object.entries({ javascript, python })) {
    for (const [name, source] of Object.entries(programs))
      table[`${language}: ${name}`] = await measure(language, source);
  }
  return table;
}

async function measure(language, source) {
  const sandbox = await WatchedSandbox.create({
    language,
    clock: { kind: "fixed", at: 1_700_000_000_000 },
    random: { seed: "corpus" },
    limits: { fuel: FUEL[language], timeoutMs: 120_000, memoryBytes: 64 * 2 ** 20 },
  });
  const session = sessions.pop();
  const result = await sandbox.run(source);
  const { status, limit, value, error, stdout, stderr, usage } = result;
  // A guest that was stopped is made anew: of its memory nothing is left to compare.
  const memory = result.sandbox === "kept" ? await memoryDigest(session.capture().image) : "gone";
  sandbox.close();
  const text = JSON.stringify({ value, error, stdout, stderr }, plain);
  return { end: limit ?? status, output: await digest(new TextEncoder().encode(text)), fuel: usage.fuel, memory };
}

function plain(_key, value) {
  return typeof value === "bigint" ? `${value}n` : Object.is(value, -0) || Number.isNaN(value) ? String(value) : value;
}

/** Length, contents and globals; zero pages are left out of an image. */
async function memoryDigest({ memories, globals }) {
  const parts = [JSON.stringify(globals.map(String))];
  for (const { byteLength, runs } of memories) {
    parts.push(String(byteLength));
    for (const run of runs) parts.push(`${run.offset}:${await digest(run.bytes ?? run.data)}`);
  }
  return await digest(new TextEncoder().encode(parts.join("\n")));
}

async function digest(bytes) {
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)));
  return [...sum.subarray(0, 12)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
