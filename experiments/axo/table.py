# SPDX-License-Identifier: Apache-2.0
"""The table of these sweeps: table.py results/ssnu.csv results/snu.csv ... Rates are chosen by validation."""
import csv
import statistics
import sys
from collections import defaultdict
from pathlib import Path

import volley

SIZE, RATE = "populations.hidden.size", "learning.backprop.optimiser.adam.rate"
LSTM = 4 * (150 * 88 + 150 * 150 + 150)  # numbers of a layer of 150


def numbers(file):
    """Numbers that learn: of the whole network, and of its recurrent layer. The decay d stays as it was."""
    with volley.read(file) as result:
        size = {name: result.trained(name).last.size for name in result.trained_names if name != "hidden.d"}
    whole = sum(size.values())
    return whole, whole - size["hidden->logits"] - size["logits.b"]


print("| unit | units | numbers that learn | layer, in LSTMs of 150 | rate | validation | test, by seed | mean, sd |")
print("|---|---|---|---|---|---|---|---|")
for table in sys.argv[1:]:
    points = defaultdict(lambda: defaultdict(list))  # by size, by rate
    with open(table, encoding="utf-8") as f:
        for row in csv.DictReader(f):
            if row["state"] != "complete":
                sys.exit(f"{row['file']}: the training is not complete")
            points[int(row[SIZE])][float(row[RATE])].append(row)
    for size, rates in points.items():
        valid = {r: statistics.mean(float(p["train best nll_per_step"]) for p in rates[r]) for r in rates}
        best = min(rates, key=valid.get)
        test = [float(p["test nll_per_step"]) for p in sorted(rates[best], key=lambda p: int(p["seed"]))]
        whole, layer = numbers(rates[best][0]["file"])
        print(f"| {Path(table).stem} | {size} | {whole:,} | {layer / LSTM:.2f} | {best:g} | {valid[best]:.3f} |",
              ", ".join(f"{x:.3f}" for x in test), f"| {statistics.mean(test):.3f}, {statistics.stdev(test):.3f} |")
