# SPDX-License-Identifier: Apache-2.0
"""Mean rates of the benchmark networks at full size, over three seeds each, against those of the field's simulators."""
import json
import os
import statistics
import subprocess
from pathlib import Path

import pytest

BENCHMARKS = Path(os.environ["VOLLEY_SOURCE"]) / "experiments/benchmarks"
SEEDS = (1, 2, 3)


def rate_hz(folder, name, seed):
    """Of all neurons, in the phase that is measured, which is the last one."""
    stats = folder / f"{name}.json"
    subprocess.run([os.environ["VOLLEY"], "run", BENCHMARKS / f"{name}.yaml", "--seed", str(seed), "--threads", "1",
                    "--quiet", "--output", folder / f"{name}.h5", "--overwrite", "--stats", stats], check=True)
    s = json.loads(stats.read_text())
    return s["spikes"] / s["neurons"] / (s["sim_time_ms"] / 1000)


@pytest.mark.parametrize("name, expected", [
    ("brunel_delta", 37.96),  # an exact event-driven program; NEST 37.8 on a grid of 0.1 ms
    ("brunel_exp", 34.4),     # NEST 34.2
    ("cuba", 5.1),            # NEST
])
def test_rates_are_within_3_percent(tmp_path, name, expected):
    rates = [rate_hz(tmp_path, name, seed) for seed in SEEDS]
    assert statistics.mean(rates) == pytest.approx(expected, rel=0.03), rates
    assert statistics.stdev(rates) < 0.02 * expected, rates  # so that three seeds tell 3 % apart
    assert len(set(rates)) == len(SEEDS)                     # and each seed is another network
