// The same report in JavaScript.
import { readFileSync } from "node:fs";

const [header, ...rows] = readFileSync("/data/orders.csv", "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(","));
const revenue = new Map();
for (const row of rows) {
  const { region, units, price } = Object.fromEntries(header.map((name, index) => [name, row[index]]));
  revenue.set(region, (revenue.get(region) ?? 0) + Number(units) * Number(price));
}
for (const [region, amount] of revenue) console.log(region.padEnd(8) + amount.toFixed(2).padStart(10));

export default `total ${[...revenue.values()].reduce((sum, amount) => sum + amount, 0).toFixed(2)}`;
