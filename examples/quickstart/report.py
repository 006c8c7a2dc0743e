"""A report over a file that the sandbox was handed: runs inside WebAssembly, sees /data and nothing else."""

import csv
from collections import defaultdict
from decimal import Decimal

revenue = defaultdict(Decimal)
with open("/data/orders.csv", newline="") as file:
    for row in csv.DictReader(file):
        revenue[row["region"]] += int(row["units"]) * Decimal(row["price"])

for region, amount in sorted(revenue.items(), key=lambda item: -item[1]):
    print(f"{region:<8}{amount:>10.2f}")

try:
    open("/etc/passwd")
except FileNotFoundError as error:
    print("outside the mount:", error)

f"total {sum(revenue.values()):.2f}"
