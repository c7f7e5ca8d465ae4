# SPDX-License-Identifier: Apache-2.0
"""The guard over instruction counts: what it reads, what it refuses, and that every small workload is a right one."""
import json
import os
import re
import shutil
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
    """Runs the guard over one workload with a record of 1,000 instructions and this many counted; its verdict."""
    monkeypatch.setattr(instructions, "made_with", lambda volley: "GCC 12.2.0, -O3")
    monkeypatch.setattr(instructions, "obstacle", lambda volley: None)
    record = tmp_path / "record.json"

    def run(counted, *options, made_with="GCC 12.2.0, -O3"):
        figures = {"build": 1000, "simulate": 1000}
        record.write_text(json.dumps({"made_with": made_with, "workloads": {"brunel_dc": figures, "cuba": figures}}))
        monkeypatch.setattr(instructions, "count", lambda *_: {"build": 1000, "simulate": counted})
        monkeypatch.setattr(sys, "argv", ["x", "--record", str(record), "--keep", str(tmp_path), *options])
        try:
            instructions.main()
        except SystemExit as stop:
            return stop.code
        return json.loads(record.read_text())["workloads"]

    return run


def test_more_than_five_percent_worse_fails_and_says_what_to_do(guard, capsys):
    failed = guard(1051, "cuba")
    assert "cuba" in failed and "brunel_dc" not in failed and "scripts/count_instructions.sh --update\n" in failed
    assert "WORSE" in capsys.readouterr().out
    assert guard(1049, "cuba")["cuba"] == guard(900, "cuba")["cuba"] == {"build": 1000, "simulate": 1000}
    assert "better, worth recording" in capsys.readouterr().out


def test_an_unrecorded_workload_fails_until_it_is_recorded(guard):
    assert "not recorded: coba." in guard(1000, "coba")
    assert guard(1000, "coba", "--update")["coba"] == {"build": 1000, "simulate": 1000}


def test_another_compiler_has_more_room_and_no_figures_in_the_same_file(guard):
    assert "25% above" in guard(1251, "cuba", made_with="GCC 13.1.0, -O3")
    assert "cuba" in guard(1249, "cuba", made_with="GCC 13.1.0, -O3")
    assert guard(2000, "cuba", "--update", made_with="GCC 13.1.0, -O3") == {"cuba": {"build": 1000, "simulate": 2000}}
    assert set(guard(2000, "cuba", "--update")) == {"brunel_dc", "cuba"}


def test_where_valgrind_cannot_run_the_guard_is_skipped(guard, monkeypatch, tmp_path, capsys):
    true = shutil.which("true")
    for name in ("false", "valgrind"):
        (tmp_path / name).symlink_to(shutil.which("false"))
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "valgrind cannot run" in instructions.obstacle(true)
    (tmp_path / "valgrind").unlink()
    assert instructions.obstacle(true) == "valgrind is not installed"
    monkeypatch.setattr(sys, "argv", ["x", "--volley", true])
    with pytest.raises(SystemExit) as stop:
        instructions.main()
    assert stop.value.code == 77 and "nothing is counted" in capsys.readouterr().out


def test_the_compiler_and_its_flags_are_told():
    made = instructions.made_with(os.environ["VOLLEY"])
    assert re.fullmatch(r"\w+ \d+\.\d+\.\d+(, \w+ [\d.]+)*, -O.*", made), made


def test_every_small_workload_is_recorded():
    record = json.loads(instructions.RECORD.read_text())
    assert set(record["workloads"]) == set(instructions.BY_NAME)


@pytest.mark.parametrize("name", instructions.BY_NAME)
def test_a_small_workload_is_accepted(name, tmp_path):
    arguments = instructions.BY_NAME[name].small_experiment(tmp_path)
    done = subprocess.run([os.environ["VOLLEY"], "check", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
