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


def test_spikes_of_units_phases_and_bins(sample):
    with volley.read(sample) as r:
        spikes, part = r.spikes("E"), r.spikes("E#2")
        assert len(spikes) == 90 and (spikes.t_start, spikes.t_stop) == (0, 30)
        assert spikes.ids.dtype == np.int64 and list(np.bincount(spikes.ids)) == [30, 30, 30]
        trains = spikes.trains()
        assert len(trains) == 4 and all(np.array_equal(t, spikes.of(k)) for k, t in enumerate(trains))
        assert [len(t) for t in trains] == [30, 30, 30, 0] == list(spikes.counts())
        assert [len(t) for t in part.trains()] == [30, 0]  # of units 1 and 2
        assert [len(t) for t in r.spikes("drive").trains()] == [0, 0, 0]
        measured = r.spikes("E", phase="measure")
        assert (measured.t_start, measured.t_stop) == (10, 30) and np.array_equal(measured.times, spikes.times[30:])
        assert np.allclose(measured.rates(), [1000, 1000, 1000, 0])
        assert np.array_equal(spikes.between(1, 2).times, spikes.times[3:6])
        # Spikes at 1 ps (units 0, 2) and 1/3 ms (unit 1) after each millisecond.
        assert spikes.binned(1.0).shape == (4, 30) and (spikes.binned(1.0)[:3] == 1).all()
        edges = spikes.binned(1 / 3 - 1e-10)[:, :2]  # 333,333,333 ps: the spike at this time is in the second bin
        assert np.array_equal(edges, [[1, 0], [0, 1], [1, 0], [0, 0]])
        assert spikes.binned(7.0).shape == (4, 4) and spikes.binned(7.0).sum() == 84
        assert list(part.binned(30.0)) == [[30], [0]]
        with pytest.raises(volley.Error, match="no phase 'Measure' has ended; those that have: warmup, measure"):
            r.spikes("E", phase="Measure")


def test_states_of_neurons_and_phases(sample):
    with volley.read(sample) as r:
        V = r.states("E", "V")
        assert V.ids.dtype == np.int64 and np.array_equal(V.of(2), V.values[:, 2])
        measured = r.states("E", "V", phase="measure")
        assert np.array_equal(measured.times, [10, 15, 20, 25]) and np.array_equal(measured.values, V.values[2:])
        assert np.array_equal(r.states("E", "V", record=2).of(1), [1] * 8)
        with pytest.raises(volley.Error, match="E.V of neuron 0 was not recorded"):
            r.states("E", "V", record=2).of(0)


def test_weights_as_a_matrix(copy):
    with h5py.File(copy, "r+") as f:
        f["weights/drive->E/source"][:] = [0, 2, 2]
        f["weights/drive->E/target"][:] = [1, 3, 3]  # two synapses of one pair
    with volley.read(copy) as r:
        w = r.weights("drive->E")
        expected = np.full((3, 4), np.nan)
        expected[0, 1], expected[2, 3] = 1.0, 0.25 + 0.5
        assert w.shape == (3, 4) and np.array_equal(w.matrix(), expected, equal_nan=True)
        expected[0, 1], expected[2, 3] = 0.5, 0.25 + 0.125
        assert np.array_equal(w.matrix(0), expected, equal_nan=True)


def test_what_is_read_says_what_it_is(sample):
    with volley.read(sample) as r:
        assert repr(r) == (f"<{sample}: 30 ms, complete; spikes of E, E#2, drive; states of E.V, E.I_syn, E.V; "
                           "weights of a/b, drive->E; rates of E>")
        assert repr(r.spikes("E")) == "<90 spikes of 4 E, 0 to 30 ms>"
        assert repr(r.states("E", "V")) == "<6 samples of E.V (mV), 4 neurons>"
        assert repr(r.weights("drive->E")) == "<weights of 3 synapses of drive->E, 3 snapshots, 4 changes>"
        assert repr(r.weights("a/b")) == "<weights of 0 synapses of a/b, 1 snapshots>"
        assert repr(r.rates("E")) == "<3 rates of E in bins of 10 ms>"


def test_a_file_that_is_closed_or_half_there_is_an_error_of_ours(sample, copy):
    r = volley.read(sample)
    r.close()
    with pytest.raises(volley.Error, match="is closed"):
        r.spikes("E")
    with h5py.File(copy, "r+") as f:
        del f["spikes/E/node_ids"]
    with volley.read(copy) as r, pytest.raises(volley.Error, match="cannot be read, perhaps because"):
        r.spikes("E")


def test_drawing_leaves_the_users_backend_alone(sample, tmp_path):
    script = "import volley, matplotlib; matplotlib.use('svg'); f = volley.read(%r).plot('raster'); " \
             "f.savefig(%r); print(matplotlib.get_backend())" % (sample, str(tmp_path / "raster.png"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "svg\n", done.stderr
    assert (tmp_path / "raster.png").stat().st_size > 10_000


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
