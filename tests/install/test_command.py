# SPDX-License-Identifier: Apache-2.0
"""The command as a user meets it: exit codes, what it prints where, files it leaves, sweeps."""
import csv
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import h5py
import pytest

from command import SMALL, VOLLEY, complete, volley

STATS = {"build_s", "simulate_s", "sim_time_ms", "neurons", "synapses", "spikes", "synaptic_events",
         "external_events", "events_per_s", "bytes_per_synapse", "peak_rss_mb", "threads", "seed", "window_ms",
         "version"}


def test_run_writes_the_default_result_and_says_where(small):
    result = volley(small, "run", "small.yaml")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1] == "results/small.h5"
    assert complete(small / "results/small.h5")


def test_an_existing_result_is_kept_unless_told(small):
    assert volley(small, "run", "small.yaml", "-o", "a.h5").returncode == 0
    before = (small / "a.h5").read_bytes()
    refused = volley(small, "run", "small.yaml", "-o", "a.h5")
    assert refused.returncode == 2 and "--overwrite" in refused.stderr
    assert (small / "a.h5").read_bytes() == before
    assert volley(small, "run", "small.yaml", "-o", "a.h5", "--overwrite").returncode == 0


def test_a_file_in_the_place_of_results_is_refused(small):
    (small / "results").write_text("a file")
    refused = volley(small, "run", "small.yaml")
    assert refused.returncode == 2 and "results/small.h5: there is no folder" in refused.stderr


def test_stats_are_one_object_with_exactly_these_keys(small):
    result = volley(small, "run", "small.yaml", "--stats", "-")
    stats = json.loads(result.stdout)
    assert set(stats) == STATS | {"phases"}
    assert list(stats["phases"]) == ["warmup", "measure"]
    assert (stats["neurons"], stats["synapses"], stats["seed"]) == (4, 20, 5)
    assert (stats["sim_time_ms"], stats["window_ms"]) == (100, 2)
    # The last phase, [50, 150) ms: a drive spike every 10 ms makes each cell fire 1 ms later; each spike has 4
    # synapses.
    assert (stats["spikes"], stats["external_events"], stats["synaptic_events"]) == (40, 40, 160)
    assert stats["phases"]["warmup"]["spikes"] == 20
    last = stats["phases"]["measure"]
    assert all(stats[key] == last[key] for key in ("spikes", "simulate_s", "synaptic_events", "external_events"))


def test_one_phase_has_no_phases(small):
    (small / "one.yaml").write_text(SMALL.replace(SMALL[SMALL.index("phases"):SMALL.index("populations")],
                                                  "duration: 100 ms\n"))
    assert volley(small, "run", "one.yaml", "--stats", "stats.json", "--quiet").returncode == 0
    assert set(json.loads((small / "stats.json").read_text())) == STATS


@pytest.mark.parametrize("stats", ["results/stats.json", "/dev/null", "/dev/stdout"])
def test_stats_go_wherever_can_be_written(small, stats):
    result = volley(small, "run", "small.yaml", "--stats", stats, "--quiet")
    assert result.returncode == 0, result.stderr
    written = {"/dev/null": "{}", "/dev/stdout": result.stdout}.get(stats) or (small / stats).read_text()
    assert stats == "/dev/null" or set(json.loads(written)) == STATS | {"phases"}


def test_quiet_prints_nothing(small):
    result = volley(small, "run", "small.yaml", "--quiet")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_check_builds_and_writes_nothing(small):
    result = volley(small, "check", "small.yaml")
    assert result.returncode == 0
    assert all(word in result.stdout for word in ("neurons    4", "synapses   20", "window     2 ms"))
    assert [p.name for p in small.iterdir()] == ["small.yaml"]


def test_what_does_not_fit_is_refused_before_it_is_built(small):
    fits = volley(small, "check", "small.yaml", "--set", "engine.memory_limit=48 kB",
                  "--set", "populations.cells.size=100", "--set", "populations.drive.size=100",
                  "--set", "projections.1.weight={uniform: [0 mV, 1 mV]}")  # 10,000 synapses of 6 bytes, 100 of 2
    assert fits.returncode == 2
    assert "small.yaml:11:5: projections.1: 1e+04 synapses need 0.06 MB or more" in fits.stderr
    assert "the limit is 0.048 MB (engine.memory_limit)" in fits.stderr
    neurons = volley(small, "check", "small.yaml", "--set", "populations.cells.size=4000000000",
                     "--set", "projections=[]")
    assert neurons.returncode == 2
    assert "small.yaml:8:10: populations.cells: 4e+09 units need 4e+05 MB or more" in neurons.stderr
    sources = volley(small, "check", "small.yaml", "--set", "populations.drive.size=4000000000",
                     "--set", "projections.0.connect={fixed_indegree: {indegree: 1}}", "--set", "engine.memory_limit=8 GB")
    assert sources.returncode == 2
    assert "small.yaml:10:5: projections.0: 4e+09 rows need 3.2e+04 MB or more" in sources.stderr
    huge = volley(small, "check", "small.yaml", "--set", "populations.cells.size=4000000000",
                  "--set", "projections.0.connect=all_to_all")
    assert huge.returncode == 2 and "(this machine's memory)" in huge.stderr


def test_set_and_seed_override_the_file(small):
    result = volley(small, "run", "small.yaml", "--stats", "-", "--seed", "9", "--set", "populations.cells.size=4",
                    "--set", "projections.1.weight=0.2 mV", "--threads", "1")
    stats = json.loads(result.stdout)
    assert (stats["seed"], stats["threads"]) == (9, 1)


def test_a_seed_that_is_none_is_refused(small):
    for seed in ("-1", "18446744073709551616", "0x10", "1.5", ""):
        refused = volley(small, "check", "small.yaml", "--seed", seed)
        assert refused.returncode == 2 and f"--seed: found '{seed}'; a seed is a whole number" in refused.stderr
    largest = volley(small, "run", "small.yaml", "--stats", "-", "--seed", str(2**64 - 1))
    assert json.loads(largest.stdout)["seed"] == 2**64 - 1


def test_of_runs_at_once_only_one_gets_the_name(small):
    for k in range(5):
        runs = [subprocess.Popen([VOLLEY, "run", "small.yaml", "-o", f"once{k}.h5", "--quiet"], cwd=small,
                                 stderr=subprocess.PIPE, text=True) for _ in range(6)]
        messages = [run.communicate(timeout=60)[1] for run in runs]
        assert sorted(run.returncode for run in runs) == [0, 2, 2, 2, 2, 2]
        assert sum("exists already; --overwrite replaces it" in m for m in messages) == 5
    assert sorted(p.name for p in small.iterdir()) == [*(f"once{k}.h5" for k in range(5)), "small.yaml"]


def test_threads_are_as_many_as_asked_for(small):
    run = subprocess.Popen([VOLLEY, "run", "small.yaml", "--threads", "8", "--set", "populations.cells.size=4000",
                            "--set", "populations.drive.size=4000", "--set", "projections.1.connect=one_to_one",
                            "--set", "phases.1.simulate.duration=1e6 s", "--stats", "stats.json"],
                           cwd=small, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    tasks = Path("/proc", str(run.pid), "task")
    most = 0
    for _ in range(600):
        most = max(most, len(list(tasks.iterdir())))
        if most >= 9:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    most = max(most, len(list(tasks.iterdir())))
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 130
    assert most == 9  # and the result file's writer
    assert json.loads((small / "stats.json").read_text())["threads"] == 8


def test_a_sweep_shares_the_threads_of_the_file(small):
    (small / "sweep.yaml").write_text(SMALL + "engine: {threads: 6}\nsweep: {seed: [1, 2, 3]}\n")
    for asked, threads in ([], 2), (["--threads", "3"], 1):
        result = volley(small, "run", "sweep.yaml", "--overwrite", "--stats", "-", *asked)
        assert [point["threads"] for point in json.loads(result.stdout)] == [threads] * 3


def test_a_sweep_leaves_a_file_a_point_and_a_table(small):
    (small / "sweep.yaml").write_text(SMALL + "sweep: {seed: [1, 2], 'projections.0.weight': [30 mV, 1 mV]}\n")
    result = volley(small, "run", "sweep.yaml", "--stats", "stats.json")
    assert result.returncode == 0, result.stderr
    with (small / "results/sweep.csv").open() as f:
        rows = list(csv.DictReader(f))
    assert [(r["point"], r["seed"], r["projections.0.weight"], r["state"], r["spikes"], float(r["cells_hz"]))
            for r in rows] == [("1", "1", "30 mV", "complete", "40", 100), ("2", "1", "1 mV", "complete", "0", 0),
                               ("3", "2", "30 mV", "complete", "40", 100), ("4", "2", "1 mV", "complete", "0", 0)]
    assert all(complete(small / row["file"]) for row in rows)
    assert len(json.loads((small / "stats.json").read_text())) == 4
    assert volley(small, "run", "sweep.yaml").returncode == 2  # the points exist


@pytest.mark.parametrize("arguments, reason", [
    (["rnu"], "did you mean run?"),
    (["run"], "needs EXPERIMENT"),
    (["run", "nothing.yaml"], "nothing.yaml"),
    (["run", "small.yaml", "--sed", "4"], "did you mean --set?"),
    (["run", "small.yaml", "--output", "nowhere/x.h5"], "there is no folder"),
    (["run", "small.yaml", "--output", "small.yaml", "--overwrite"], "is the experiment itself"),
    (["run", "small.yaml", "--output", "."], "is not a file"),
    (["run", "small.yaml", "--threads", "0"], "--threads"),
    (["run", "small.yaml", "--isa", "mmx"], "baseline, avx2, avx512"),
    (["describe", "lfi"], "did you mean lif?"),
    (["list", "neurn"], "did you mean neuron?"),
])
def test_what_the_user_got_wrong_is_exit_code_2_and_writes_nothing(small, arguments, reason):
    result = volley(small, *arguments)
    assert result.returncode == 2
    assert reason in result.stderr
    assert [p.name for p in small.iterdir()] == ["small.yaml"]


@pytest.mark.parametrize("command", ["run", "check", "list", "describe", "schema", "new", "version"])
def test_every_command_explains_itself(small, command):
    result = volley(small, command, "--help")
    assert result.returncode == 0 and "Usage" in result.stdout


def test_schema_is_json(small):
    assert json.loads(volley(small, "schema").stdout)["$schema"].startswith("https://json-schema.org/")
