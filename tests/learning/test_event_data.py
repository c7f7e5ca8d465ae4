# SPDX-License-Identifier: Apache-2.0
"""Data sets of events: what a trial gets of them, and what is said of files that are damaged."""
import os
import subprocess

import h5py
import numpy as np
import pytest
import volley

VOLLEY = os.environ["VOLLEY"]
SHD = "shd: {train: train.h5, test: test.h5, bin: 10 ms, channels: 20}"
EXPERIMENT = """\
volley: 1
seed: 1
tick: 1 ms
datasets:
  d: {SHD, split: file}
populations:
  x: {stimulator: direct, size: 20, parameters: {data: d.spikes}}
  out: {neuron: snu, size: 3, parameters: {g: leaky_relu}}
projections: [{from: x, to: out, connect: dense, weight: {glorot: uniform}, delay: 0 ticks}]
learning: {l: {rule: bptt, loss: {mse_rate: {of: out, target: d.label}}, optimiser: {adam: {rate: 0.02}}}}
phases:
  - train: {data: d.train, learning: l, epochs: 15, lanes: 8, trial: sample}
  - evaluate: {name: test, data: d.test, lanes: 5, trial: sample, metrics: [accuracy, synops_per_sample]}
"""


def spike_trains(r, count):
    """Three classes, each with its own third of the channels; lengths differ, and times come in float16."""
    times, units, labels = [], [], r.integers(0, 3, count)
    for label in labels:
        n = r.integers(20, 60)
        times.append(np.sort(r.random(n) * r.uniform(0.2, 0.9)).astype("f2"))
        units.append(r.integers(0, 7, n) + 6 * label)
    return times, units, labels


def write(path, times, units, labels):
    with h5py.File(path, "w") as f:
        for name, rows, type_ in (("times", times, "f2"), ("units", units, "u2")):
            d = f.create_dataset(f"spikes/{name}", (len(rows),), dtype=h5py.vlen_dtype(np.dtype(type_)))
            for k, row in enumerate(rows):
                d[k] = row
        f["labels"] = labels


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder, r = tmp_path_factory.mktemp("events"), np.random.default_rng(1)
    write(folder / "train.h5", *spike_trains(r, 120))
    write(folder / "test.h5", *spike_trains(r, 50))
    return folder


def run(folder, dataset=SHD, *options, code=0):
    (folder / "e.yaml").write_text(EXPERIMENT.replace("SHD", dataset))
    done = subprocess.run([VOLLEY, "run", "e.yaml", "--output", "e.h5", "--overwrite", "--quiet", *options], cwd=folder,
                          capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stderr


def inputs(folder, bin_s, group=1):
    """Ones that the test's samples give: (row, input) pairs that differ."""
    with h5py.File(folder / "test.h5") as f:
        return [len({(int(np.float64(t) / bin_s), int(u) // group) for t, u in zip(*sample)})
                for sample in zip(f["spikes/times"][()], f["spikes/units"][()])]


def test_each_bin_is_a_tick(folder):
    run(folder)
    with volley.read(folder / "e.h5") as result:
        test = result.evaluation("test")
        assert test.metrics["synops_per_sample"] == pytest.approx(3 * np.mean(inputs(folder, 0.01)), rel=1e-12)
        assert test.metrics["accuracy"] > 0.8 and sorted(set(test.label)) == [0, 1, 2]


def test_bins_and_groups(folder):
    run(folder, SHD.replace("10 ms", "40 ms").replace("20}", "20, group: 5}"), "--set", "populations.x.size=4")
    with volley.read(folder / "e.h5") as result:
        found = result.evaluation("test").metrics["synops_per_sample"]
    assert found == pytest.approx(3 * np.mean(inputs(folder, 0.04, 5)), rel=1e-12)


def test_counts_are_numbers_of_spikes(folder):
    """One sample with 3 spikes of one input in one bin: an untrained sSNU tells 3 from 1."""
    write(folder / "one.h5", [[0.001, 0.002, 0.003]], [[4, 4, 4]], [0])
    outputs = []
    for counts in ("true", "false"):
        run(folder, f"shd: {{train: one.h5, test: one.h5, bin: 10 ms, channels: 20, counts: {counts}}}", "--set",
            "populations.out={neuron: ssnu, size: 3}", "--set", "phases.0.train.epochs=1", "--set",
            "learning.l.optimiser.adam.rate=1e-30", "--set", "projections.0.weight=0.5", "--set",
            "phases.1.evaluate.metrics=[loss]")
        with volley.read(folder / "e.h5") as result:
            outputs.append(result.evaluation("test").metrics["loss"])
    y = [1 / (1 + np.exp(-(0.5 * n - 1))) for n in (3, 1)]
    assert outputs == pytest.approx([((y - 1) ** 2 + 2 * y ** 2) / 3 for y in y], rel=1e-6)


@pytest.mark.parametrize("times, units, labels, said", [
    ([[0.1, -0.25]], [[1, 2]], [0], "/spikes/times: sample 0: found -0.25"),
    ([[0.1], [np.nan]], [[1], [2]], [0, 1], "/spikes/times: sample 1: found nan"),
    ([[0.1]], [[20]], [0], "/spikes/units: sample 0: found 20; `channels` is 20"),
    ([[0.1, 0.2]], [[1]], [0], "/spikes/units: sample 0: 1 units for 2 times"),
    ([[0.1]], [[1]], [0, 1], "no sample 1; there are 1"),
    ([[0.1]], [[1]], [-1], "/labels: element 0 is -1")])
def test_damaged_samples_are_named(folder, times, units, labels, said):
    write(folder / "bad.h5", times, units, labels)
    error = run(folder, SHD.replace("train.h5", "bad.h5"), code=2)
    assert error.startswith("e.yaml:5:20: datasets.d.shd.train: bad.h5: ") and said in error


def test_a_truncated_file_is_named(folder):
    (folder / "cut.h5").write_bytes((folder / "train.h5").read_bytes()[:3000])
    assert "cut.h5: cannot be read as an HDF5 file" in run(folder, SHD.replace("train.h5", "cut.h5"), code=2)


def test_events_are_no_target(folder):
    said = run(folder, SHD, "--set", "learning.l.loss={sigmoid_cross_entropy: {of: out, target: d.spikes}}", code=2)
    assert "d.spikes holds events, which are no target" in said


# ---- event cameras ----

CAMERA = "event_list: {index: index.csv, width: 5, height: 2, bin: 2 ms}"


@pytest.fixture(scope="module")
def camera(folder):
    """The same events of six samples as CSV and in the 5 bytes of N-MNIST."""
    r, index, events = np.random.default_rng(2), ["file,label,split"], []
    for k in range(6):
        n = r.integers(10, 40)
        e = np.column_stack([r.integers(0, 5, n), r.integers(0, 2, n), np.sort(r.integers(0, 90_000, n)), r.integers(0, 2, n)])
        events.append(e)
        if k % 2:
            (folder / f"{k}.csv").write_text("t,x,y,p\n" + "".join(f"{t},{x},{y},{p}\n" for x, y, t, p in e))
        else:
            (folder / f"{k}.bin").write_bytes(b"".join(bytes([x, y, p << 7 | t >> 16, t >> 8 & 255, t & 255]) for x, y, t, p in
                                                       e.tolist()))
        index.append(f"{k}.{'csv' if k % 2 else 'bin'},{k % 3},{'train' if k < 2 else 'test'}")
    (folder / "index.csv").write_text("\n".join(index) + "\n")
    return events[2:]


@pytest.mark.parametrize("polarity, size", [("both", 20), ("merged", 10)])
def test_events_of_a_camera_are_rows_of_bins(folder, camera, polarity, size):
    run(folder, CAMERA.replace("bin:", f"polarity: {polarity}, bin:"), "--set", f"populations.x.size={size}", "--set",
        "populations.x.parameters.data=d.events")
    ones = [len({(t // 2000, y * 5 + x + (10 * p if polarity == "both" else 0)) for x, y, t, p in e.tolist()}) for e in camera]
    with volley.read(folder / "e.h5") as result:
        assert result.evaluation("test").metrics["synops_per_sample"] == pytest.approx(3 * np.mean(ones), rel=1e-12)


def test_a_longer_sample_is_refused_or_cut(folder, camera):
    options = ["--set", "populations.x.size=20", "--set", "populations.x.parameters.data=d.events", "--set",
               "phases.0.train.trial=10 ticks", "--set", "phases.1.evaluate.trial=10 ticks"]
    assert "a trial has 10 ticks" in run(folder, CAMERA, *options, code=2)
    run(folder, CAMERA, *options, "--set", "phases.0.train.truncate=true", "--set", "phases.1.evaluate.truncate=true")
    ones = [len({(t // 2000, y * 5 + x + 10 * p) for x, y, t, p in e.tolist() if t < 20_000}) for e in camera]
    with volley.read(folder / "e.h5") as result:
        assert result.evaluation("test").metrics["synops_per_sample"] == pytest.approx(3 * np.mean(ones), rel=1e-12)


@pytest.mark.parametrize("file, content, said", [
    ("1.csv", b"x,y,t,p\n5,0,1,0\n", "1.csv:2:1: x is 5; it is an integer from 0 to 4"),
    ("1.csv", b"x,y,t,p\n1,0,1,0\n1,0,-1,0\n", "1.csv:3:5: t is -1e-06 s"),
    ("1.csv", b"x,y,t\n1,0,1\n", "1.csv:1:1: no column 'p'"),
    ("0.bin", bytes(12), "0.bin: byte 12: the file ends within an event of 5 bytes"),
    ("0.bin", bytes(5) + bytes([1, 7, 0, 0, 0]), "0.bin: byte 5: y is 7"),
    ("index.csv", b"file,label,split\n1.csv,0,training\n", "index.csv:2:9: found 'training'"),
    ("index.csv", b"file,label\nnone.csv,0\n", "none.csv: cannot be read")])
def test_damaged_recordings_are_named(folder, camera, file, content, said):
    kept = (folder / file).read_bytes()
    (folder / file).write_bytes(content)
    try:
        error = run(folder, CAMERA, code=2)
    finally:
        (folder / file).write_bytes(kept)
    assert error.startswith("e.yaml:5:") and said in error
