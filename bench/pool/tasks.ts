import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

const DATA = path.resolve(import.meta.dirname, "../../../../shared/data/humaneval/HumanEval.jsonl.gz");

interface Task {
  readonly prompt: string;
  readonly canonical_solution: string;
  readonly test: string;
  readonly entry_point: string;
}

/** Programs that each check one solution: of HumanEval where the data is, else one of the same kind. */
export function programs(count: number): { readonly sources: readonly string[]; readonly from: string } {
  if (!existsSync(DATA)) return { sources: [OWN], from: "one task of our own: HumanEval is not here" };
  const lines = gunzipSync(readFileSync(DATA)).toString().trim().split("\n").slice(0, count);
  const sources = lines.map((line) => {
    const { prompt, canonical_solution: solution, test, entry_point: entry } = JSON.parse(line) as Task;
    return `${prompt}${solution}\n${test}\ncheck(${entry})\n`;
  });
  return { sources, from: `the first ${sources.length} of HumanEval` };
}

const OWN = `
from typing import List

def running_total(numbers: List[int]) -> List[int]:
    """ The sums of the first one, two, … of the numbers.
    >>> running_total([1, 2, 3])
    [1, 3, 6]
    """
    totals, total = [], 0
    for number in numbers:
        total += number
        totals.append(total)
    return totals

def check(candidate):
    assert candidate([]) == []
    assert candidate([1, 2, 3]) == [1, 3, 6]
    assert candidate(list(range(100)))[-1] == 4950

check(running_total)
`;
