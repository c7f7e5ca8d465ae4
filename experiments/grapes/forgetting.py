# SPDX-License-Identifier: Apache-2.0
"""What a net forgets of digits while it learns others: forgetting.py [VOLLEY] [SEEDS], the command and how many seeds (5).

The others are the same with their pixels exchanged (data/permuted.csv.gz). Prints a table: accuracy on the test images of
either, in %, mean and standard deviation over seeds.
"""
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import volley

EXPERIMENT = Path(__file__).with_name("forgetting.yaml")
COMMAND = sys.argv[1] if len(sys.argv) > 1 else "volley"
SEEDS = range(1, 1 + int(sys.argv[2] if len(sys.argv) > 2 else 5))
PERMUTED = "datasets.digits.csv_images.file=data/permuted.csv.gz"


def accuracy(folder, name, settings, weights=None):
    """Runs the experiment with these settings; its accuracy in %."""
    file = folder / f"{name}.h5"
    command = [COMMAND, "run", EXPERIMENT, "--output", file, "--quiet", *(x for s in settings for x in ("--set", s))]
    subprocess.run([*command, *(["--weights", weights] if weights else [])], check=True)
    with volley.read(file) as result:
        return 100 * result.evaluation("test").metrics["accuracy"], file


def course(modulator, rate, seed):
    """Accuracy on the digits after learning them, on the permuted ones after those, and on the digits then."""
    net = [f"seed={seed}", f"learning.sgd.modulator={modulator}", f"learning.sgd.optimiser.sgd.rate={rate}"]
    only_asked = "phases=[{evaluate: {name: test, data: digits.test, lanes: 397, trial: 1 ticks, metrics: [accuracy]}}]"
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        first, after_first = accuracy(folder, "first", net)
        second, after_second = accuracy(folder, "second", [*net, PERMUTED], after_first)
        return first, second, accuracy(folder, "again", [*net, only_asked], after_second)[0]


def figure(values):
    return f"{statistics.mean(values):.1f} +- {statistics.stdev(values):.1f}" if len(values) > 1 else f"{values[0]:.1f}"


print("| modulator | rate | digits, learnt | permuted, learnt next | digits then |")
print("|---|---|---|---|---|")
for rate in (0.01, 0.02, 0.04, 0.08):
    for modulator in ("none", "grapes"):
        columns = zip(*(course(modulator, rate, seed) for seed in SEEDS))
        print(f"| {modulator} | {rate} |", " | ".join(figure(c) for c in columns), "|", flush=True)
