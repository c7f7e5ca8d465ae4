# SPDX-License-Identifier: Apache-2.0
"""Weights recorded at every change, from an experiment file through the command to arrays and pictures."""
import os
import subprocess
import sys

import h5py
import numpy as np
import pytest

import volley
from volley.validate import validate

EXPERIMENT = """\
volley: 1
seed: 3
phases:
  - simulate: {duration: 200 ms, name: learn}
  - simulate: {duration: 100 ms, name: frozen, plasticity: frozen}
  - simulate: {duration: 200 ms, name: again}
populations:
  input: {stimulator: poisson, size: 30, parameters: {rate: 50 Hz}}
  cells: {neuron: lif, size: 400}
projections:
  - {from: input, to: cells, connect: all_to_all, weight: {uniform: [0.3, 0.7]}, gain: 5 mV,
     delay: {uniform: [0.5 ms, 3 ms]}, plasticity: {stdp: {A_plus: 0.02, A_minus: 0.021}}}
record:
  weights: {"input->cells": {every: change, at: [start, 150 ms, 300 ms, end], sources: 3..7, targets: [0, 250, 399]}}
"""


def run(folder, *options):
    (folder / "plastic.yaml").write_text(EXPERIMENT)
    done = subprocess.run([os.environ["VOLLEY"], "run", "plastic.yaml", "-o", "a.h5", *options], cwd=folder,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return str(folder / "a.h5")


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return run(tmp_path_factory.mktemp("one"), "--threads", "1")


def test_the_log_leads_from_the_first_weights_to_every_snapshot(file):
    assert validate(file).problems == []
    with volley.read(file) as r:
        w = r.weights("input->cells")
        assert len(w.source) == 15 and set(w.source) == set(range(3, 8)) and set(w.target) == {0, 250, 399}
        assert list(w.times) == [0, 150, 300, 500] and len(w.changes) > 500
        assert np.array_equal(w.at(w.times), w.values) and np.array_equal(w.at(-1), w.initial)
        assert not np.array_equal(w.values[0], w.values[1]) and not np.array_equal(w.values[2], w.values[3])
        learn, frozen = w.changes.times < 200, (w.changes.times >= 200) & (w.changes.times < 300)
        assert learn.sum() > 100 and frozen.sum() == 0
        times, weights = w.changes.of(7)
        assert np.all(np.diff(times) >= 0) and np.all(np.diff(weights) != 0) and weights[-1] == w.final()[7]
        assert all(0 <= x <= 1 for x in w.changes.weight)


@pytest.mark.parametrize("options", [("--threads", "2"), ("--threads", "8"), ("--set", "engine.window=70 us")])
def test_the_log_is_the_same_bits_however_it_is_run(file, tmp_path, options):
    other = run(tmp_path, *options)
    with h5py.File(file) as a, h5py.File(other) as b:
        a, b = a["weights/input->cells"], b["weights/input->cells"]
        for name in ("source", "target", "delay", "initial", "values", "changes/times", "changes/synapse",
                     "changes/weight"):
            assert np.array_equal(a[name], b[name]), name


def test_weights_that_are_known_at_every_time_are_drawn_as_steps(file, tmp_path):
    from matplotlib import image
    out = tmp_path / "weights.png"
    subprocess.run([sys.executable, "-m", "volley", "plot", file, "-o", str(out)], check=True)
    assert min(image.imread(out).shape[:2]) > 300
    summary = subprocess.run([sys.executable, "-m", "volley", "summary", file], capture_output=True, text=True).stdout
    with volley.read(file) as r:
        assert f" {len(r.weights('input->cells').changes)} " in summary


def test_only_phases_that_are_recorded(file, tmp_path):
    part = run(tmp_path, "--set", 'record.weights.input->cells.phases=[again]')
    assert validate(part).problems == []
    with volley.read(file) as r, volley.read(part) as p:
        whole, w = r.weights("input->cells"), p.weights("input->cells")
        first = w.changes.times == 300  # what changed before, told as the phase begins
        assert np.array_equal(w.at(300), whole.at(300)) and first.sum() == np.sum(whole.initial != whole.at(300))
        later = whole.changes.times > 300
        for name in ("times", "synapse", "weight"):
            assert np.array_equal(getattr(w.changes, name)[~first], getattr(whole.changes, name)[later]), name
