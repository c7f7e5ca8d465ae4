# SPDX-License-Identifier: Apache-2.0
"""The guard over instruction counts: what it reads, what it refuses, and that every small workload is a right one."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(os.environ["VOLLEY_SOURCE"]) / "tests/bench"
sys.path.insert(0, str(HERE))
import instructions  # noqa: E402

ANNOTATED = """\
244,657,632 (100.0%)  PROGRAM TOTALS
214,267,343 (87.58%)  ???:volley::cli::run_point(volley::Experiment const&) [/build/volley]
119,261,085 (48.75%)  ???:volley::Simulation::Simulation(volley::Experiment const&) [/build/volley]
 93,505,210 (38.22%)  run.cpp:volley::Simulation::run(volley::Results&) [/build/volley]
 93,505,210 (38.22%)  ???:volley::Simulation::run_phase(int) [/build/volley]
"""


def test_counts_are_read_by_function():
    assert instructions.inclusive(ANNOTATED, instructions.PARTS["build"]) == 119_261_085
    assert instructions.inclusive(ANNOTATED, instructions.PARTS["simulate"]) == 93_505_210
    with pytest.raises(SystemExit, match="is not in what callgrind counted"):
        instructions.inclusive(ANNOTATED, "volley::Simulation::stop(")


@pytest.fixture
def guard(tmp_path, monkeypatch):
    """Runs the guard over one workload with a record of 1,000 instructions and this many counted: its exit code."""
    monkeypatch.setattr(instructions, "compiler", lambda volley: "GCC: 12")
    record = tmp_path / "record.json"

    def run(counted, *options, compiler="GCC: 12"):
        record.write_text(json.dumps({"compiler": compiler, "workloads": {"cuba": {"build": 1000, "simulate": 1000}}}))
        monkeypatch.setattr(instructions, "count", lambda *_: {"build": 1000, "simulate": counted})
        monkeypatch.setattr(sys, "argv", ["x", "--record", str(record), "--keep", str(tmp_path), *options])
        try:
            instructions.main()
        except SystemExit as stop:
            return stop.code
        return json.loads(record.read_text())["workloads"]

    return run


def test_more_than_five_percent_worse_fails(guard, capsys):
    assert guard(1051, "cuba") == 1
    assert "WORSE" in capsys.readouterr().out
    assert guard(1049, "cuba") == guard(900, "cuba") == {"cuba": {"build": 1000, "simulate": 1000}}
    assert "better: record it with --update" in capsys.readouterr().out


def test_an_unrecorded_workload_fails_until_it_is_recorded(guard):
    assert guard(1000, "coba") == 1
    assert guard(1000, "coba", "--update")["coba"] == {"build": 1000, "simulate": 1000}


def test_another_compiler_is_not_compared(guard):
    assert "nothing is compared" in guard(1000, "cuba", compiler="GCC: 13")
    assert guard(2000, "cuba", "--update", compiler="GCC: 13")["cuba"]["simulate"] == 2000


def test_every_small_workload_is_recorded():
    record = json.loads(instructions.RECORD.read_text())
    assert set(record["workloads"]) == set(instructions.BY_NAME)


@pytest.mark.parametrize("name", instructions.BY_NAME)
def test_a_small_workload_is_accepted(name, tmp_path):
    arguments = instructions.BY_NAME[name].small_experiment(tmp_path)
    done = subprocess.run([os.environ["VOLLEY"], "check", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
