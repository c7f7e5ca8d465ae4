# SPDX-License-Identifier: Apache-2.0
"""The Python package: reading, tables, pictures, CSV, and errors that say what is wrong."""
import subprocess
import sys

import h5py
import numpy as np
import pytest

import volley


def run(*words):
    return subprocess.run([sys.executable, "-m", "volley", *words], capture_output=True, text=True)


def test_reads_what_was_written(sample):
    with volley.read(sample) as r:
        assert list(r.populations) == ["E", "drive"] and r.populations["drive"].kind == "stimulator"
        assert r.spike_records == ["E", "E#2", "drive"]
        spikes = r.spikes("E")
        assert len(spikes.times) == 90 and np.array_equal(spikes.of(1)[:2], [333333333 / 1e9, 1333333333 / 1e9])
        assert (r.spikes("E#2").first, r.spikes("E#2").count) == (1, 2)
        assert r.state_records == [("E", "V"), ("E", "I_syn"), ("E", "V")]
        assert r.states("E").variable == "V" and r.states("E", "I_syn").unit == "pA"
        assert list(r.states("E", "V", record=2).ids) == [3, 1]
        assert np.array_equal(r.states("E").values, -r.states("E", "I_syn").values)
        w = r.weights("drive->E")
        assert w.values.shape == (3, 3) and w.gain == 0.5 and w.plastic and len(w.changes.times) == 4
        assert [list(w.at(t)) for t in (0, 5, 10, 30)] == [[0.5, 0.25, 0.125], [0.75, 0.25, 0.25], [0.75, 0.25, 0.25],
                                                           [1.0, 0.25, 0.5]]
        assert list(w.final()) == [1.0, 0.25, 0.5] and np.array_equal(w.at(w.times), w.values)
        times, weights = w.changes.of(2)
        assert list(times) == [7e-9, 10.000000007] and list(weights) == [0.25, 0.5] and len(w.changes) == 4
        assert r.weights("a/b").values.shape == (1, 0)
        assert list(r.rates("E").rate) == [300] * 3 and r.rates("E").bin_ms == 10
        assert [p.name for p in r.phases] == ["warmup", "measure"] and r.duration == 30
        assert r.complete and r.provenance["seed"] == 2**64 - 1 and r.provenance["source"].endswith("été\n")


def test_weights_at_a_time_are_the_last_snapshot_and_the_changes_since(copy):
    with h5py.File(copy, "r+") as f:
        f["weights/drive->E/changes/times"][2:] = 25
        f["weights/drive->E/values"][:] = [[1, 1, 1], [2, 2, 2], [3, 3, 3]]  # at 0, 10, 20: not what the changes make
    with volley.read(copy) as r:
        w = r.weights("drive->E")
        times = [0, 5, 10, 24, 25]
        expected = [[1, 1, 1], [0.75, 1, 0.25], [2, 2, 2], [3, 3, 3], [1, 3, 0.5]]
        assert np.array_equal(w.at(times), expected)
        assert all(np.array_equal(w.at(t), x) for t, x in zip(times, expected))
        assert np.array_equal(w.at(-1), [0.5, 0.25, 0.125]) and np.array_equal(w.final(), expected[-1])
        with pytest.raises(volley.Error, match="ascend"):
            w.at([2, 1])


@pytest.mark.parametrize("ask, words", [
    (lambda r: r.spikes("Drive"), "no spikes of 'Drive' were recorded; did you mean drive?"),
    (lambda r: r.weights("x"), "there is: "),
    (lambda r: r.weights("drive>E"), "did you mean drive->E?"),
    (lambda r: r.states("E", "theta"), "no states of E.theta were recorded; there is: E.V, E.I_syn, E.V"),
    (lambda r: r.rates("drive"), "no rates of 'drive' were recorded; there is: E"),
])
def test_unknown_names_are_answered_with_known_ones(sample, ask, words):
    with volley.read(sample) as r, pytest.raises(volley.Error, match=None) as e:
        ask(r)
    assert words in str(e.value)


def test_files_that_are_no_results(tmp_path):
    (tmp_path / "text.h5").write_text("no HDF5")
    h5py.File(tmp_path / "other.h5", "w").close()
    with h5py.File(tmp_path / "newer.h5", "w") as f:
        f.attrs["volley_format"] = np.uint32(2)
    for name, words in (("text.h5", "cannot be read as an HDF5 file"), ("other.h5", "not a result file of Volley"),
                        ("newer.h5", "has format 2"), ("none.h5", "there is no such file"), (".", "is a folder")):
        done = run("summary", str(tmp_path / name))
        assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr, name


def test_summary(sample):
    out = run("summary", sample).stdout
    for words in ("seed 18446744073709551615", "complete", "warmup", "750 Hz", "E.I_syn (pA)", "drive->E",
                  "warning: a warning of the run"):
        assert words in out


def test_validate(sample, copy):
    assert run("validate", sample).returncode == 0
    with h5py.File(copy, "r+") as f:
        f.attrs["magic"] = np.uint32(3)
    done = run("validate", copy)
    assert done.returncode == 2 and "magic is 3, not 2682" in done.stdout


@pytest.mark.parametrize("what", ["auto", "raster", "rates", "weights", "states"])
def test_pictures(sample, tmp_path, what):
    from matplotlib import image
    out = tmp_path / f"{what}.png"
    assert run("plot", sample, "-o", str(out), "--what", what).returncode == 0
    pixels = image.imread(out)[..., :3]
    assert min(pixels.shape[:2]) > 300
    assert 0.005 < (pixels.min(axis=2) < 0.9).mean() < 0.6  # something is drawn, and not everything


@pytest.mark.parametrize("remove, expected", [([], "weights"), (["weights"], "raster"),
                                              (["weights", "spikes"], "states"),
                                              (["weights", "spikes", "report"], "rates")])
def test_auto_draws_what_the_experiment_is_about(copy, remove, expected):
    from volley.plot import subject
    with h5py.File(copy, "r+") as f:
        for name in remove:
            del f[name]
            f.create_group(name)
    with volley.read(copy) as r:
        assert subject(r) == expected


def test_nothing_recorded_is_said(copy):
    with h5py.File(copy, "r+") as f:
        for name in ("weights", "spikes", "report", "rates"):
            del f[name]
            f.create_group(name)
    for words in (["plot", copy], ["convert", copy]):
        done = run(*words)
        assert done.returncode == 2 and "recorded" in done.stderr


def test_weights_from_changes_alone(copy):
    from volley.plot import history
    with h5py.File(copy, "r+") as f:
        f["weights/drive->E/times"].resize((0,))
        f["weights/drive->E/values"].resize((0, 3))
        f["weights/drive->E/changes/weight"][:] = [0.2, 0.1, 0.4, 0.3]
    with volley.read(copy) as r:
        times, values = history(r.weights("drive->E"), r.duration)
    assert times[0] == 0 and times[-1] == 30
    assert np.allclose(values[0], [0.5, 0.25, 0.125]) and np.allclose(values[-1], [0.4, 0.25, 0.3])
    assert np.allclose(values[np.searchsorted(times, 5)], [0.2, 0.25, 0.1])


def test_csv_is_exact(sample, tmp_path):
    out = tmp_path / "spikes.csv"
    assert run("convert", sample, "-o", str(out)).returncode == 0
    head, *lines = out.read_text().splitlines()
    assert head == "timestamps population node_ids" and len(lines) == 120
    assert lines[0] == "0.000000001 E 0" and lines[2] == "0.333333333 E 1"
    again = run("convert", sample, "-o", str(out))
    assert again.returncode == 2 and "--overwrite" in again.stderr
    only = run("convert", sample, "-o", "-", "--population", "E#2").stdout.splitlines()
    assert len(only) == 31 and only[1] == "0.333333333 E#2 1"
    unknown = run("convert", sample, "-o", str(tmp_path / "x.csv"), "--population", "F")
    assert unknown.returncode == 2 and not (tmp_path / "x.csv").exists()
