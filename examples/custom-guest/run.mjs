// Runs the guests that build.mjs has built.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { command, component, memoryDirectory, reactor, Sandbox, tool, ToolError } from "wardian";

const file = (name) => path.join(import.meta.dirname, "build", name);
const bytes = (name) => readFileSync(file(name));

if (existsSync(file("wordcount.wasm"))) {
  const files = { "/texts": memoryDirectory({ files: { "fern.txt": "ferns have no flowers" } }) };
  const sandbox = await Sandbox.create({ guest: command(bytes("wordcount.wasm")), files });
  console.log((await sandbox.run({ args: ["/texts/fern.txt"] })).stdout.trimEnd());
  console.log((await sandbox.run({ stdin: "one two three" })).stdout.trimEnd());
  const { exitCode, stderr } = await sandbox.run({ args: ["/texts/moss.txt"] });
  console.log(exitCode, stderr.trimEnd());
  sandbox.close();
}

if (existsSync(file("shout.wasm"))) {
  const sandbox = await Sandbox.create({ guest: command(bytes("shout.wasm")) });
  console.log((await sandbox.run({ stdin: "quietly" })).stdout);
  sandbox.close();
}

const collatz = await Sandbox.create({ guest: reactor(bytes("collatz.wasm")), limits: { fuel: 1e9 } });
console.log((await collatz.call("steps", 27n)).value);
console.log((await collatz.call("longest", 1_000)).value);
console.log((await collatz.call("steps", 0n)).limit);
collatz.close();

const greeter = await Sandbox.create({
  guest: component(bytes("greeter.wasm")),
  tools: {
    "example:greeter/directory#full-name": tool({
      run: ({ user }) => {
        if (user !== "ada") throw new ToolError("no such user");
        return "Ada Lovelace";
      },
    }),
  },
});
console.log((await greeter.call("example:greeter/greetings#greet", "ada")).value);
console.log((await greeter.call("example:greeter/greetings#greet", "bob")).value);
greeter.close();
