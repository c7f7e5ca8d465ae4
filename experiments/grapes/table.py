# SPDX-License-Identifier: Apache-2.0
"""The table of a sweep of digits.yaml: table.py grapes.csv. Rates are chosen by the validation's loss, over all seeds."""
import csv
import statistics
import sys
from collections import defaultdict

import volley

DEPTH, RULE, RATE = "populations.hidden.depth", "learning.sgd.modulator", "learning.sgd.optimiser.sgd.rate"
valid, accuracy, failed = defaultdict(list), defaultdict(list), defaultdict(int)
with open(sys.argv[1], encoding="utf-8") as f:
    for row in csv.DictReader(f):
        key = int(row[DEPTH]), row[RULE], float(row[RATE])
        if row["state"] != "complete":
            failed[key] += 1
            continue
        with volley.read(row["file"]) as result:
            valid[key].append(min(result.training("train")["valid_loss"]))
            accuracy[key].append(100 * result.evaluation("test").metrics["accuracy"])


def figure(key):
    values = accuracy[key]
    if failed[key] or len(values) < 2:
        return f"fails in {failed[key]}"
    return f"{statistics.mean(values):.1f} +- {statistics.stdev(values):.1f}"


keys = set(accuracy) | set(failed)
rates = sorted({k[2] for k in keys})
print("| hidden layers | modulator |", " | ".join(f"{r:g}" for r in rates), "| best by validation |")
print("|---|---|" + "---|" * (len(rates) + 1))
for depth in sorted({k[0] for k in keys}):
    for rule in ("none", "grapes"):
        row = [(depth, rule, r) for r in rates]
        whole = [k for k in row if not failed[k]]
        best = min(whole, key=lambda k: statistics.mean(valid[k]), default=None)
        chosen = f"{figure(best)} (rate {best[2]:g})" if best else "none"
        print(f"| {depth} | {rule} |", " | ".join(figure(k) for k in row), f"| {chosen} |")
