# SPDX-License-Identifier: Apache-2.0
"""The table of these sweeps: table.py results/ssnu.csv results/lstm.csv results/snu.csv. Bits are nats divided by ln 2."""
import csv
import math
import statistics
import sys
from pathlib import Path

import volley

print("| unit | numbers that learn | validation, bits a character | test, by seed | mean, sd | test perplexity |")
print("|---|---|---|---|---|---|")
for table in sys.argv[1:]:
    with open(table, encoding="utf-8") as f:
        rows = sorted(csv.DictReader(f), key=lambda r: int(r["seed"]))
    for row in rows:
        if row["state"] != "complete":
            sys.exit(f"{row['file']}: the training is not complete")
    with volley.read(rows[0]["file"]) as result:
        trained = {name: result.trained(name).last for name in result.trained_names}
    embedding, logits = trained["letters->embedding"], trained["hidden->logits"]
    shared = embedding.shape == logits.T.shape and (embedding == logits.T).all()
    fixed = {"hidden.d", "embedding.b", "hidden->logits" if shared else ""}
    numbers = sum(x.size for name, x in trained.items() if name not in fixed)
    valid = [float(r["train best nll_per_step"]) / math.log(2) for r in rows]
    test = [float(r["test nll_per_step"]) / math.log(2) for r in rows]
    print(f"| {Path(table).stem} | {numbers:,} | {statistics.mean(valid):.3f} |", ", ".join(f"{x:.3f}" for x in test),
          f"| {statistics.mean(test):.3f}, {statistics.stdev(test):.3f} | {2 ** statistics.mean(test):.2f} |")
