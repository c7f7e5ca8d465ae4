# SPDX-License-Identifier: Apache-2.0
"""The sanitizers of this build report what is wrong, and nothing where nothing is: a check that cannot fail is none."""
import os
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ["VOLLEY_BUILD"]) / "tests/sanitizers"
SANITIZERS = os.environ["VOLLEY_SANITIZE"].split(",")
REPORTS = {
    "address": {"heap_overflow": "heap-buffer-overflow", "use_after_free": "heap-use-after-free",
                "leak": "detected memory leaks", "vector_index": "__n < this->size()"},
    "undefined": {"signed_overflow": "signed integer overflow"},
    "float-cast-overflow": {"float_to_int": "is outside the range of representable values"},
    "thread": {"race_of_two_bodies": "data race", "race_of_two_parts": "data race"},
}
EXPERIMENT = """\
volley: 1
seed: 1
duration: 200 ms
plugins: [racy_neuron.so]
engine: {block_size: 50}
populations:
  input: {stimulator: poisson, size: 400, parameters: {rate: 500 Hz}}
  cells: {neuron: racy_neuron, size: 400, parameters: {together: false}}
projections:
  - {from: input, to: cells, connect: {fixed_indegree: {indegree: 20}}, weight: 1 mV, delay: 1 ms}
record:
  spikes: [input]
  states: {cells: {variables: [arrivals], every: 10 ms}}
"""


def test_every_sanitizer_is_tried():
    assert set(SANITIZERS) <= set(REPORTS)


@pytest.mark.parametrize("fault, report", [x for s in SANITIZERS for x in REPORTS[s].items()])
def test_a_fault_is_reported(fault, report):
    result = subprocess.run([BUILD / "faults", fault], capture_output=True, text=True)
    assert result.returncode not in (0, 3)
    assert report in result.stderr
    assert "faults.cpp" in result.stderr or fault == "vector_index"  # the standard library says where, for its own


def test_what_is_right_is_not_reported():
    result = subprocess.run([BUILD / "faults", "none"], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def run(folder, *options):
    (folder / "racy.yaml").write_text(EXPERIMENT)
    return subprocess.run([os.environ["VOLLEY"], "run", "racy.yaml", "--quiet", "--output", "out.h5", *options],
                          cwd=folder, env={**os.environ, "VOLLEY_PLUGIN_PATH": str(BUILD)}, capture_output=True, text=True)


def test_blocks_and_the_writer_run_side_by_side_without_a_report(tmp_path):
    result = run(tmp_path, "--threads", "4")
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif("thread" not in SANITIZERS, reason="races are found by the thread sanitizer")
def test_a_race_between_two_blocks_is_reported(tmp_path):
    result = run(tmp_path, "--threads", "4", "--set", "populations.cells.parameters.together=true")
    assert result.returncode == 66  # of the sanitizer
    races = [line for line in result.stderr.splitlines() if line.startswith("SUMMARY: ThreadSanitizer")]
    assert races and all("racy_neuron.cpp" in line for line in races)
