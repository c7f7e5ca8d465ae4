# SPDX-License-Identifier: Apache-2.0
"""Going on: a resumed training equals the uninterrupted one bit for bit; a run begins with another's weights."""
import csv
import os
import re
import shutil
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest
import volley

from test_training import EXPERIMENT, contents, folder, same  # noqa: F401  (a fixture)

VOLLEY = os.environ["VOLLEY"]
# Phases that train with two optimisers, one with patience and epochs without validation, and tests between and after; a
# layer with dropout.
LONG = EXPERIMENT.replace("hidden: {neuron: snu, size: 24,", "hidden: {neuron: snu, size: 24, dropout: 0.1,").replace("optimiser: {adam: {rate: 0.01}}}", "optimiser: {adam: {rate: 0.01}}}\n"
                          "  slow: {rule: bptt, loss: {mse_rate: {of: answer, target: d.label}}, "
                          "optimiser: {momentum: {rate: 0.05}}}")
LONG = LONG[:LONG.index("phases:")] + """\
phases:
  - train: {name: first, data: d.train, learning: bp, epochs: 6, lanes: 16, trial: 10 ticks,
            validate: {data: d.valid, metrics: [loss, accuracy], every: 2}, keep: {best: loss, patience: 2}}
  - evaluate: {name: between, data: d.test, lanes: 16, trial: 10 ticks, metrics: [loss, accuracy]}
  - train: {name: second, data: d.train, learning: slow, epochs: 3, lanes: 16, trial: 10 ticks}
  - train: {name: third, data: d.train, learning: bp, epochs: 3, lanes: 16, trial: 10 ticks}
  - evaluate: {name: test, data: d.test, weights: best, lanes: 16, trial: 10 ticks, metrics: [accuracy, confusion]}
"""


def command(folder, output, *options, experiment="long.yaml"):
    (folder / "long.yaml").write_text(LONG)
    return [VOLLEY, "run", experiment, "--output", f"{output}.h5", "--quiet", *options]


def run(folder, output, *options, code=0, experiment="long.yaml"):
    done = subprocess.run(command(folder, output, *options, experiment=experiment), cwd=folder, capture_output=True,
                          text=True)
    assert done.returncode == code, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def whole(folder):  # noqa: F811
    run(folder, "whole")
    assert not (folder / "whole.h5.checkpoint").exists()
    with volley.read(folder / "whole.h5") as result:
        return contents(result)


def checkpoints(folder, name, *options):
    """A run's checkpoints, each as it was while it was there."""
    kept, path, p = [], folder / f"{name}.h5.checkpoint", subprocess.Popen(command(folder, name, *options), cwd=folder)
    while p.poll() is None:
        try:
            kept.append(path.read_bytes())
        except FileNotFoundError:
            pass
    assert p.returncode == 0
    return [b for k, b in enumerate(kept) if k == 0 or b != kept[k - 1]]


def test_from_every_checkpoint_the_rest_is_the_same(folder, whole):  # noqa: F811
    kept = checkpoints(folder, "again")
    assert len(kept) > 3
    for k, bytes_ in enumerate(kept):
        (folder / f"from{k}.h5.checkpoint").write_bytes(bytes_)
        run(folder, f"from{k}", "--resume", "--threads", str(1 + k % 3))
        with volley.read(folder / f"from{k}.h5") as result:
            assert result.complete and same(contents(result), whole), k
        assert not (folder / f"from{k}.h5.checkpoint").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_is_resumed(folder, whole, how):  # noqa: F811
    name = f"stopped{how}"
    p = subprocess.Popen(command(folder, name), cwd=folder)
    while not (folder / f"{name}.h5.checkpoint").exists() and p.poll() is None:
        time.sleep(0.001)
    p.send_signal(how)
    assert p.wait() == (130 if how == signal.SIGINT else -signal.SIGKILL)
    assert "exists already" in run(folder, name, code=2)
    run(folder, name, "--resume")
    with volley.read(folder / f"{name}.h5") as result:
        assert result.complete and same(contents(result), whole)
    table = (folder / f"{name}.epochs.csv").read_text().splitlines()
    assert len(table) == 1 + sum(len(result_epochs(folder, name, phase)) for phase in ("first", "second", "third"))


def result_epochs(folder, name, phase):  # noqa: F811
    with volley.read(folder / f"{name}.h5") as result:
        return result.training(phase)


def test_the_table_of_epochs_has_what_the_result_has(folder, whole):  # noqa: F811
    with open(folder / "whole.epochs.csv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert list(rows[0]) == ["phase", "epoch", "loss", "valid_loss", "valid_accuracy", "gradient_norm", "seconds"]
    for phase in ("first", "second", "third"):
        own, epochs = [r for r in rows if r["phase"] == phase], result_epochs(folder, "whole", phase)
        for column in set(epochs.columns) - {"seconds"}:
            written = [float(r[column] or "nan") for r in own]
            assert np.array_equal(written, epochs[column], equal_nan=True), column


def test_what_cannot_be_resumed_is_told(folder, whole):  # noqa: F811
    assert "nothing.h5.checkpoint: there is no such file" in run(folder, "nothing", "--resume", code=2)
    kept = checkpoints(folder, "told")[0]
    path = folder / "other.h5.checkpoint"
    path.write_bytes(kept)
    said = run(folder, "other", "--resume", "--seed", "5", code=2)
    assert "the experiment is not the one that was interrupted" in said
    for damaged in (kept[:-1], kept[:100], b"", kept[:5000] + b"x" + kept[5001:], b"hello"):
        path.write_bytes(damaged)
        said = run(folder, "other", "--resume", code=2)
        assert "other.h5.checkpoint: " in said and "checkpoint" in said.split("checkpoint: ")[1]
    path.write_bytes(re.sub(rb"checkpoint 1 [^\n]*\n", b"checkpoint 1 0.0.0\n", kept))
    assert "a checkpoint of another version" in run(folder, "other", "--resume", code=2)
    assert not (folder / "other.h5").exists()
    assert "--resume: goes on with one run" in run(folder, "other", "--resume", "--set", "sweep={seed: [1, 2]}", code=2)
    assert "leave out --weights" in run(folder, "other", "--resume", "--weights", "whole.h5", code=2)
    follows = ["--set", "learning.slow.rule={eprop: {feedback: adaptive}}"]
    path.write_bytes(checkpoints(folder, "follows", *follows)[0])
    assert "feedback that follows the weights is in no checkpoint" in run(folder, "other", "--resume", *follows, code=2)


def test_a_run_begins_with_the_weights_of_another(folder, whole):  # noqa: F811
    run(folder, "begun", "--weights", "whole.h5", "--seed", "9")
    with volley.read(folder / "whole.h5") as old, volley.read(folder / "begun.h5") as new:
        for name in old.trained_names:
            assert np.array_equal(old.trained(name).best, new.trained(name).start)
    with h5py.File(folder / "whole.h5") as f, h5py.File(folder / "last.h5", "w") as g:
        f.copy("trained", g)
        for group in g["trained"].values():
            del group["best"]
    run(folder, "begun_last", "--weights", "last.h5")
    with volley.read(folder / "whole.h5") as old, volley.read(folder / "begun_last.h5") as new:
        assert np.array_equal(old.trained("answer.b").last, new.trained("answer.b").start)


def test_weights_go_through_numpy(folder, whole):  # noqa: F811
    from volley.__main__ import main
    os.chdir(folder)
    assert main(["weights", "whole.h5"]) == 0
    arrays = dict(np.load("whole.npz"))
    with volley.read("whole.h5") as old:
        assert set(arrays) == set(old.trained_names)
        assert all(np.array_equal(arrays[n], old.trained(n).best) for n in arrays)
    arrays["answer.b"] = np.array([1.0, 2.0, 3.0])
    np.savez("changed.npz", **arrays)
    assert main(["weights", "changed.npz"]) == 0
    run(folder, "changed_run", "--weights", "changed.h5")
    with volley.read("changed_run.h5") as new:
        assert new.trained("answer.b").start.tolist() == [1, 2, 3]
        assert np.array_equal(new.trained("recurrent").start, arrays["recurrent"])
    assert main(["weights", "changed.npz"]) == 2  # exists
    np.savez("bad.npz", x=np.array(["text"]))
    assert main(["weights", "bad.npz"]) == 2


def test_weights_that_do_not_fit_are_listed(folder, whole):  # noqa: F811
    changes = ["--weights", "whole.h5", "--set", "populations.hidden.size=20", "--set", "projections.1.name=loop"]
    said = run(folder, "unfit", *changes, code=2)
    for part in ("--weights whole.h5: the file lacks loop", "the experiment has no recurrent",
                 "pixels->hidden is 16 x 20, the file has 16 x 24", "hidden.b is 20, the file has 24",
                 "--weights-partial takes what fits"):
        assert part in said
    assert not (folder / "unfit.h5").exists()
    run(folder, "unfit", *changes, "--weights-partial")
    with volley.read(folder / "whole.h5") as old, volley.read(folder / "unfit.h5") as new:
        assert np.array_equal(old.trained("answer.b").best, new.trained("answer.b").start)
        assert new.trained("hidden.b").start.tolist() == 20 * [-1]
    said = run(folder, "unfit", "--overwrite", *changes, "--set", "populations.answer.size=4", "--weights-partial", code=2)
    assert "nothing fits" in said
    assert "needs --weights FILE" in run(folder, "w", "--weights-partial", code=2)
    assert "none.h5: there is no such file" in run(folder, "w", "--weights", "none.h5", code=2)
    shutil.copy(folder / "notes.h5", folder / "no_weights.h5")
    assert "no_weights.h5: has no /trained" in run(folder, "w", "--weights", "no_weights.h5", code=2)
    (folder / "simulates.yaml").write_text("volley: 1\nduration: 1 ms\npopulations: {a: {neuron: lif, size: 1}}\n")
    said = run(folder, "w", "--weights", "whole.h5", experiment="simulates.yaml", code=2)
    assert "--weights: simulates.yaml simulates" in said
