# SPDX-License-Identifier: Apache-2.0
"""The benchmark script measures, keeps what it measured and takes ratios within a repetition. No time is asserted."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(os.environ["VOLLEY_SOURCE"]) / "tests/bench"
sys.path.insert(0, str(HERE))
import bench  # noqa: E402
import workloads  # noqa: E402


def run(folder, *options):
    return subprocess.run([sys.executable, HERE / "bench.py", "--volley", os.environ["VOLLEY"], *options], cwd=folder,
                          capture_output=True, text=True)


def test_a_workload_is_measured(tmp_path):
    done = run(tmp_path, "sparse_quiet", "--repetitions", "2", "--threads", "1,2")
    assert done.returncode == 0, done.stderr
    kept = json.loads((tmp_path / "results/bench.json").read_text())
    by_threads = kept["results"]["sparse_quiet"]
    assert list(by_threads) == ["1", "2"] and all(len(x["volley"]) == 2 for x in by_threads.values())
    first = by_threads["1"]["volley"][0]
    assert first["simulate_s"] > 0 and first["cpu_s"] > 0 and first["synapses"] == 10_001_000
    assert first["rate_hz"] == pytest.approx(0.0099, rel=0.05)
    assert len({x["volley"][k]["spikes"] for x in by_threads.values() for k in (0, 1)}) == 1
    assert (tmp_path / "results/bench.md").read_text().strip() == done.stdout.strip()
    assert "| sparse_quiet | 2 |" in done.stdout


def test_a_workload_that_is_not_there_is_an_error(tmp_path):
    done = run(tmp_path, "brunel")
    assert done.returncode == 1 and "no such workload: brunel; there are: brunel_delta" in done.stderr


def test_a_failing_run_is_told(tmp_path):
    done = run(tmp_path, "sparse_quiet", "--threads", "0")
    assert done.returncode == 1 and "--threads" in done.stderr and not (tmp_path / "results").exists()


def test_ratios_are_taken_within_a_repetition():
    def figures(*times):
        return [{"version": "X", "simulate_s": t, "rate_hz": 5.0, "peak_rss_mb": 10} for t in times]

    # The machine is busy during the second repetition: both take twice as long.
    (row,) = bench.peer_table({"cuba": {1: {"volley": figures(1, 2, 1), "nest": figures(10, 20, 11)}}}).splitlines()[2:]
    assert row == "| cuba | 1 | X | 11 (10 to 20) | 1 (1 to 2) | 10 (10 to 11) | 5 / 5 | 10 / 10 |"


def test_every_workload_has_its_file_and_every_peer_its_script(tmp_path):
    for w in workloads.WORKLOADS:
        assert w.experiment(tmp_path).read_text().startswith("# SPDX-License-Identifier")
        for script in w.peers.values():
            assert w.name in (HERE / "peers" / script).read_text()
    assert {p.stem for p in workloads.EXPERIMENTS.glob("*.yaml")} <= set(workloads.BY_NAME)
