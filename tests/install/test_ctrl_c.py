# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C at any time: exit code 130, and a file that is readable and marked incomplete, or none."""
import csv
import json
import os
import signal
import subprocess
import time

import h5py
import pytest

from command import VOLLEY, complete


def test_ctrl_c_leaves_a_readable_file_marked_incomplete(small):
    run = subprocess.Popen([VOLLEY, "run", "small.yaml", "--set", "phases.1.simulate.duration=1e6 s"], cwd=small,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (small / "results/small.h5").exists():
        assert run.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "incomplete" in out
    assert not complete(small / "results/small.h5")
    with h5py.File(small / "results/small.h5") as f:
        assert len(f["spikes/cells/timestamps"]) > 0


# One window has 1e10 arrivals of a stream, spikes of a fast neuron, a thousand looks a microsecond.
ENDLESS_WINDOW = {
    "stream": ("{neuron: lif, size: 1}", "1e12 Hz", "0 mV"),
    "spikes": ("{neuron: lif_exp, size: 100, parameters: {I_e: 1e9 pA, t_ref: 0 ms}}", "1 Hz", "0 pA"),
    "own_frames": ("{neuron: lif_exp, size: 2000, parameters: {tau_m: {uniform: [2e-6 ms, 1e-5 ms]}, I_e: 1 pA}}",
                   "1 Hz", "0 pA"),
}


@pytest.mark.parametrize("what", ENDLESS_WINDOW)
def test_ctrl_c_inside_a_window_leaves_a_readable_file(tmp_path, what):
    neurons, rate, weight = ENDLESS_WINDOW[what]
    (tmp_path / "endless.yaml").write_text(f"""\
volley: 1
seed: 1
duration: 100 days
populations:
  drive: {{stimulator: poisson, size: 1, parameters: {{rate: {rate}}}}}
  cells: {neurons}
projections:
  - {{from: drive, to: "cells[0]", connect: one_to_one, weight: {weight}, delay: 1 ms}}
record:
  spikes: [cells]
""")
    run = subprocess.Popen([VOLLEY, "run", "endless.yaml", "-o", "out.h5", "--threads", "2", "--quiet",
                            "--stats", "stats.json"], cwd=tmp_path)
    while not (tmp_path / "out.h5").exists():
        assert run.poll() is None
        time.sleep(0.05)
    time.sleep(0.2)
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 130
    assert not complete(tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as f:  # what the window at hand had fired is dropped, and not counted
        assert json.loads((tmp_path / "stats.json").read_text())["spikes"] == len(f["spikes/cells/timestamps"])


@pytest.fixture
def gate(tmp_path):
    """An experiment file that the command waits for: from its being read on, the command is at work."""
    os.mkfifo(tmp_path / "gate.yaml")
    return tmp_path / "gate.yaml"


@pytest.mark.parametrize("arguments", [["run", "gate.yaml", "-o", "out.h5"], ["check", "gate.yaml"]])
def test_ctrl_c_before_the_experiment_is_read(gate, arguments):
    command = subprocess.Popen([VOLLEY, *arguments], cwd=gate.parent)
    with gate.open("w"):  # waits until the command opens it, too
        command.send_signal(signal.SIGINT)
        assert command.wait(60) == 130
    assert [p.name for p in gate.parent.iterdir()] == ["gate.yaml"]


BIG = """\
volley: 1
seed: 5
duration: 1e6 s
populations:
  cells: {neuron: lif, size: 2000, parameters: {I_e: 400 pA}}
projections:
  - {from: cells, to: cells, connect: {fixed_total_number: {number: 10000000}}, weight: {uniform: [0 mV, 1 mV]},
     delay: 1 ms}
"""


@pytest.mark.parametrize("after", [0, 0.01, 0.03, 0.1, 0.3, 1])
def test_ctrl_c_at_any_time_leaves_no_file_or_one_marked_incomplete(gate, after):
    run = subprocess.Popen([VOLLEY, "run", "gate.yaml", "-o", "out.h5", "--quiet"], cwd=gate.parent)
    with gate.open("w") as f:
        f.write(BIG)
    time.sleep(after)
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 130
    out = gate.parent / "out.h5"
    assert not out.exists() or not complete(out)


@pytest.mark.parametrize("after", [0, 0.1, 0.5, 2])
def test_ctrl_c_ends_the_points_of_a_sweep_too(gate, after):
    run = subprocess.Popen([VOLLEY, "run", "gate.yaml", "-o", "out.h5"], cwd=gate.parent, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True)
    with gate.open("w") as f:
        f.write(BIG + "sweep: {seed: [1, 2, 3]}\n")
    time.sleep(after)
    run.send_signal(signal.SIGINT)
    _, messages = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "without a report" not in messages and "by signal" not in messages
    files = list(gate.parent.glob("out-*.h5"))
    assert not any(complete(file) for file in files)
    table = gate.parent / "out.csv"
    if table.exists():
        with table.open() as f:
            assert {row["state"] for row in csv.DictReader(f)} <= {"interrupted", "not run"}
