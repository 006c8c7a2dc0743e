import { createHash } from "node:crypto";

/** Of how many objects a digest is made: the whole of the language's and the platform's globals. */
const MAX_OBJECTS = 20_000;

const identities = new WeakMap<object, number>();
let identitiesGiven = 0;

// Node makes some of its globals when they are first used: use them all, so that no attack is blamed for it.
for (const name of Object.getOwnPropertyNames(globalThis)) Reflect.get(globalThis, name);

/**
 * A digest of everything that `globalThis` leads to by properties and prototypes, without calling anything: names,
 * flags, and which functions stand there. It changes when anybody patches a global.
 */
export function hostDigest(): string {
  const hash = createHash("sha256");
  const seen = new Set<object>();
  const rest: object[] = [globalThis];
  // Reached by syntax alone.
  for (const sample of [
    async () => undefined,
    function* () {},
    async function* () {},
    [][Symbol.iterator](),
    /x/g,
    new Error("x"),
  ])
    rest.push(Object.getPrototypeOf(sample) as object);
  while (rest.length > 0 && seen.size < MAX_OBJECTS) {
    const item = rest.shift();
    if (item === undefined || seen.has(item)) continue;
    seen.add(item);
    hash.update(`${identityOf(item)}:`);
    for (const key of Reflect.ownKeys(item)) {
      // Ours: the process's variables and what the module loader notes in itself are no globals.
      if (item === process || key === "process") continue;
      const descriptor = Reflect.getOwnPropertyDescriptor(item, key);
      if (descriptor === undefined) continue;
      const { configurable, enumerable, writable, get, set, value } = descriptor;
      hash.update(`${String(key)} ${String([configurable, enumerable, writable])} `);
      for (const held of [get, set, value] as unknown[]) {
        const reference = (typeof held === "object" && held !== null) || typeof held === "function";
        hash.update(reference ? `#${identityOf(held)} ` : `${String(held)} `);
        if (reference) rest.push(held);
      }
    }
    const prototype = Reflect.getPrototypeOf(item);
    hash.update(prototype === null ? "null;" : `#${identityOf(prototype)};`);
    if (prototype !== null) rest.push(prototype);
  }
  return hash.digest("hex");
}

function identityOf(item: object): number {
  const known = identities.get(item);
  if (known !== undefined) return known;
  identities.set(item, ++identitiesGiven);
  return identitiesGiven;
}
