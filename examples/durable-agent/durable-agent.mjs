// Runs an agent to its end through as many processes as it has steps, each of them killed (SIGKILL) before the next one
// begins: node durable-agent.mjs [DATABASE]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [database = "agent.db"] = process.argv.slice(2);
const step = fileURLToPath(new URL("step.mjs", import.meta.url));

for (let number = 1; ; number++) {
  const child = spawn(process.execPath, [step, database], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), once(child, "exit").then(() => [])]);
  if (line === undefined) throw new Error(`step ${number} ended by itself`);
  console.log(`step ${number}: ${line.replace(/ \(\d+ KiB\)/, "")}`);
  child.kill("SIGKILL");
  await once(child, "exit");
  if (line.startsWith("ended") || line.startsWith("done")) break;
}
