// Runs each program in a sandbox of the built package and prints how it ended, as JSON. Arguments: JSON of [language, source] pairs.
import { Sandbox } from "../../../dist/index.js";

const outcomes = [];
for (const [language, source] of JSON.parse(process.argv[2])) {
  const sandbox = await Sandbox.create({
    language,
    limits: { timeoutMs: 60_000, fuel: 1e12 },
    clock: "fixed",
    random: { seed: 1 },
  });
  const { status, limit, allowed, error, usage, sandbox: left } = await sandbox.run(source);
  const again = await sandbox.run("1");
  outcomes.push({ status, limit, allowed, error: error?.name, fuel: usage.fuel, left, again: again.status });
  sandbox.close();
}
console.log(JSON.stringify(outcomes));
