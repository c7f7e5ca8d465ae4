# SPDX-License-Identifier: Apache-2.0
"""The benchmark of training runs its workloads, and PyTorch's script computes what Volley computes. No time is asserted."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(os.environ["VOLLEY_SOURCE"]) / "tests/bench"
sys.path.insert(0, str(HERE))
import bench  # noqa: E402
import training  # noqa: E402


def run(folder, *options):
    return subprocess.run([sys.executable, HERE / "training.py", "--volley", os.environ["VOLLEY"], "--repetitions", "1",
                           *options], cwd=folder, capture_output=True, text=True)


def test_every_workload_has_its_file():
    assert {p.stem for p in training.EXPERIMENTS.glob("*.yaml")} == set(training.FILES)


@pytest.mark.parametrize("name", training.FILES)
def test_a_workload_is_trained_and_pytorch_agrees(name, tmp_path):
    if not training.find(name):
        pytest.skip(f"VOLLEY_DATA names no folder with {training.FILES[name]}")
    done = run(tmp_path, name, "--epochs", "1", "--peers")
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results/bench_training.json").read_text())["results"][name]
    own = results["volley"][0]
    assert own["epoch_s"] > 0 and f"| {name} | Volley |" in done.stdout
    if not bench.installed("torch"):
        pytest.skip("PyTorch is not installed: its side is not compared")
    # A code of spikes is random; without one rounding still turns a spike now and then, from where on steps differ.
    allowed = {"rel": 0.05} if name.startswith(("digits", "mnist")) else {"rel": 1e-3, "abs": 1e-3}
    for who in training.CONTENDERS:
        assert results[who][0]["losses"][0] == pytest.approx(own["losses"][0], **allowed)
