# SPDX-License-Identifier: Apache-2.0
"""Each model's short experiment gives the spikes (and weights) kept beside it.

After a change that means to alter results: python3 tests/models/test_models.py writes the files anew; their diff is
what to argue for in the commit.
"""
import csv
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import pytest

HERE = Path(__file__).parent
EXPERIMENTS = sorted(HERE.glob("*.yaml"))


def outcome(experiment, folder):
    """Rows (kind, where, index, value): spike times in ms, weights at the end."""
    file = Path(folder) / (experiment.stem + ".h5")
    subprocess.run([os.environ["VOLLEY"], "run", experiment, "--output", file, "--quiet"], check=True)
    rows = []
    with h5py.File(file) as h:
        for name, group in sorted(h["spikes"].items()):
            rows += [("spike", name, int(n), float(t)) for n, t in zip(group["node_ids"], group["timestamps"])]
        for name, group in sorted(h.get("weights", {}).items()):
            rows += [("weight", name, k, float(w)) for k, w in enumerate(group["values"][-1])]
        for name, group in sorted(h.get("evaluation", {}).items()):
            rows += [("loss", name, k, float(x)) for k, x in enumerate(group["loss"])]
        for name, group in sorted(h.get("trained", {}).items()):
            rows += [("weight", name, k, float(w)) for k, w in enumerate(group["last"][()].flat)]
    return sorted(rows)


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda e: e.stem)
def test_model(experiment, tmp_path):
    with open(experiment.with_suffix(".csv")) as f:
        expected = [(kind, where, int(k), float(x)) for kind, where, k, x in list(csv.reader(f))[1:]]
    found = outcome(experiment, tmp_path)
    assert len(expected) > 0
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    for row, kept in zip(found, expected):
        tolerance = 2e-9 if row[0] == "spike" else 1e-6  # 2 ps; a rounding of float32
        assert abs(row[3] - kept[3]) <= tolerance, (row, kept)


def test_every_model_has_an_experiment():
    root = HERE.parent.parent
    models = {p.stem for f in ("neurons", "synapses", "plasticity") for p in (root / f).glob("*.cpp")}
    assert {e.stem for e in EXPERIMENTS} >= models


if __name__ == "__main__":
    for e in EXPERIMENTS if len(sys.argv) < 2 else map(Path, sys.argv[1:]):
        with tempfile.TemporaryDirectory() as scratch, open(e.with_suffix(".csv"), "w", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(("kind", "where", "index", "value"))
            writer.writerows((kind, where, k, repr(x)) for kind, where, k, x in outcome(e, scratch))
