# SPDX-License-Identifier: Apache-2.0
"""Training runs of the command: what they learn, what they keep, and what their result file says."""
import os
import re
import shlex
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest
import volley
from volley.result import text

VOLLEY, SOURCE = os.environ["VOLLEY"], os.environ["VOLLEY_SOURCE"]
EXPERIMENT = """\
volley: 1
seed: 3
tick: 1 ms
datasets:
  d: {csv_images: {file: images.csv, shape: [4, 4]}, split: {train: 90, valid: 30, test: 30, seed: 0}}
populations:
  pixels: {stimulator: bernoulli, size: 16, parameters: {data: d.image}}
  hidden: {neuron: snu, size: 24, parameters: {g: leaky_relu}}
  answer: {neuron: snu, size: 3, parameters: {g: leaky_relu}}
projections:
  - {chain: [pixels, hidden, answer], connect: dense, weight: {glorot: uniform}, delay: 0 ticks}
  - {from: hidden, to: hidden, connect: dense, weight: {glorot: normal}, delay: 1 ticks, name: recurrent}
learning:
  bp: {rule: bptt, loss: {mse_rate: {of: answer, target: d.label}}, optimiser: {adam: {rate: 0.01}}}
phases:
  - train: {data: d.train, learning: bp, epochs: 4, lanes: 16, trial: 10 ticks, metrics: [loss, accuracy],
            validate: {data: d.valid, metrics: [accuracy, loss]}, keep: {best: accuracy}}
  - evaluate: {name: test, data: d.test, weights: best, lanes: 16, repeats: 2, trial: 10 ticks,
               metrics: [loss, accuracy, confusion, spikes_per_sample, synops_per_sample]}
record: {spikes: [hidden, pixels], weights: {"*": {at: [start, best, end]}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three noisy patterns of 16 pixels; and sequences of 5 notes, where a note follows its neighbour."""
    folder = tmp_path_factory.mktemp("learning")
    r = np.random.default_rng(1)
    patterns = r.random((3, 16)) < 0.4
    labels = r.integers(0, 3, 150)
    images = np.clip(patterns[labels] * 0.8 + 0.2 * r.random((150, 16)), 0, 1)
    lines = [",".join(f"{x:.3f}" for x in row) + f",{label}" for row, label in zip(images, labels)]
    (folder / "images.csv").write_text("\n".join(lines) + "\n")
    (folder / "base.yaml").write_text(EXPERIMENT)
    with h5py.File(folder / "notes.h5", "w") as f:
        for split, count in (("train", 20), ("valid", 5), ("test", 7)):
            lengths = r.integers(4, 15, count)
            f[f"{split}/lengths"] = lengths
            scales = [np.eye(5)[(np.arange(n) + r.integers(5)) % 5] for n in lengths]
            f[f"{split}/roll"] = np.concatenate(scales).astype("u1")
    return folder


def run(folder, name, *options, experiment="base.yaml", code=0):
    command = [VOLLEY, "run", experiment, "--output", f"{name}.h5", "--overwrite", "--quiet", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done.stderr if code else volley.read(folder / f"{name}.h5")


def contents(result):
    """All that training and evaluation gave but their times."""
    out = {}

    def keep(name, o):
        if isinstance(o, h5py.Dataset) and not name.endswith("seconds"):
            out[f"{group}/{name}"] = o[()]

    for group in ("training", "evaluation", "trained"):
        result.file[group].visititems(keep)
    return out


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k], equal_nan=True) for k in a)


@pytest.fixture(scope="module")
def base(folder):
    with run(folder, "base", "--threads", "1") as result:
        yield result


def test_it_learns(base):
    epochs, test = base.training(), base.evaluation("test")
    assert len(epochs) == 4 and (np.diff(epochs["loss"]) < 0).all()
    assert epochs["accuracy"][0] < epochs["accuracy"][-1] and test.metrics["accuracy"] > 0.9


def test_metrics_are_those_of_the_answers(base):
    test = base.evaluation("test")
    assert test.metrics["accuracy"] == np.mean(test.label == test.answer)
    assert test.metrics["loss"] == pytest.approx(test.loss.mean(), rel=1e-12)
    table = np.zeros((3, 3), int)
    np.add.at(table, (test.label, test.answer), 1)
    assert (test.confusion == table).all() and table.sum() == 60
    assert sorted(test.sample) == sorted(2 * list(set(test.sample))) and set(test.repeat) == {0, 1}


def test_recorded_spikes_are_those_that_the_weights_give(folder, base):
    test = base.evaluation("test")
    pixels, hidden = test.spikes["pixels"], test.spikes["hidden"]
    first = test.sample[test.repeat == 0]
    assert set(pixels.sample) <= set(first) and list(dict.fromkeys(pixels.sample)) == list(first)
    W, H = (base.trained(n).best.astype(float) for n in ("pixels->hidden", "recurrent"))
    b = base.trained("hidden.b").best.astype(float)
    different = 0
    for sample in first:
        x, y = (np.zeros((10, n), bool) for n in (16, 24))
        for out, s in ((x, pixels), (y, hidden)):
            out[s.tick[s.sample == sample], s.unit[s.sample == sample]] = True
        s, last = np.zeros(24), np.zeros(24)
        for tick in range(10):
            z = x[tick] @ W + last @ H + 0.9 * s * (1 - last)
            s, last = np.where(z >= 0, z, 0.1 * z), y[tick].astype(float)
            different += np.sum((s + b > 0) != y[tick])
    assert len(hidden.tick) > 500 and different <= 2  # single precision
    ten = ["--set", "record.spikes={hidden: {phases: test, samples: [0..4, 9]}}"]
    with run(folder, "some", *ten) as some:
        part, chosen = some.evaluation("test").spikes, np.isin(hidden.sample, first[[0, 1, 2, 3, 4, 9]])
        assert set(part) == {"hidden"} and np.array_equal(part["hidden"].unit, hidden.unit[chosen])


def test_a_latency_code_spikes_once_and_earlier_for_larger_values(folder):
    with run(folder, "latency", "--set", "populations.pixels={stimulator: latency, size: 16, parameters: "
             "{data: d.image, span: 8, threshold: 0.3}}", "--set", "phases.0.train.epochs=1") as result:
        test, images = result.evaluation("test"), np.loadtxt(folder / "images.csv", delimiter=",")[:, :16]
    spikes, first = test.spikes["pixels"], np.unique(test.sample)
    found = np.full((len(images), 16), -1)
    assert len(set(zip(spikes.sample, spikes.unit))) == len(spikes.unit)
    found[spikes.sample, spikes.unit] = spikes.tick
    x = images[first].astype("f4").astype(float)
    assert np.array_equal(found[first], np.where(x >= 0.3, np.floor((1 - x) * 7 + 0.5), -1))


@pytest.mark.parametrize("value, said", [
    ("spikes: [answr]", "did you mean answer"), ("spikes: {hidden: {samples: 30}}", "30"),
    ("spikes: {hidden: {phases: train}}", "'train' is not a phase that evaluates"),
    ("spikes: [hidden], rates: [hidden]", "comes in a later version"),
    ("weights: {recurrent: {at: middle}}", "'middle' is not a time of weights"),
    ("weights: {recurent: {at: end}}", "did you mean recurrent")])
def test_what_cannot_be_recorded(folder, value, said):
    assert said in run(folder, "no_record", "--set", f"record={{{value}}}", code=2)


@pytest.mark.parametrize("threads", ["2", "8"])
def test_threads_change_no_bit(folder, base, threads):
    with run(folder, f"threads{threads}", "--threads", threads) as result:
        assert same(contents(result), contents(base))


def test_the_seed_decides(folder, base):
    with run(folder, "seed", "--seed", "3") as again, run(folder, "other", "--seed", "4") as other:
        assert same(contents(again), contents(base))
        assert not np.array_equal(other.trained("pixels->hidden").start, base.trained("pixels->hidden").start)
        assert not np.array_equal(other.evaluation("test").loss, base.evaluation("test").loss)


def test_the_resolved_file_gives_the_same(folder, base):
    (folder / "resolved.yaml").write_text(base.provenance["resolved"])
    with run(folder, "resolved", experiment="resolved.yaml") as again:
        assert same(contents(again), contents(base))


@pytest.mark.parametrize("lanes", ["1", "7", "100"])
def test_lanes_change_no_answer_of_an_evaluation(folder, base, lanes):
    with run(folder, "lanes", "--set", f"phases.1.evaluate.lanes={lanes}") as result:
        assert np.array_equal(result.evaluation("test").loss, base.evaluation("test").loss)


def test_epochs_are_shuffled_and_codes_are_fresh(folder, base):
    with run(folder, "file", "--set", "phases.0.train.order=file") as result:
        assert not np.array_equal(result.trained("pixels->hidden").last, base.trained("pixels->hidden").last)
    repeats = base.evaluation("test")
    first, second = (repeats.loss[repeats.repeat == k] for k in (0, 1))
    assert not np.array_equal(first, second)


def test_the_best_weights_are_those_of_the_best_epoch(folder):
    options = ["--set", "record.spikes=[hidden]", "--set", "populations.pixels.stimulator=direct",
               "--set", "phases.1.evaluate.data=d.valid", "--set", "phases.0.train.epochs=12", "--set", "phases.0.train.keep={best: loss, patience: 3}",
               "--set", "learning.bp.optimiser.adam.rate=0.05"]
    with run(folder, "best", *options) as result:
        epochs = result.training()
        at = int(np.argmin(epochs["valid_loss"]))
        assert result.evaluation("test").metrics["loss"] == pytest.approx(epochs["valid_loss"][at], rel=1e-12)
        assert at < len(epochs) - 1 and len(epochs) == at + 1 + 3
        w = result.trained("pixels->hidden")
        assert not np.array_equal(w.best, w.last)
    with run(folder, "restore", *options, "--set", "phases.0.train.keep.restore=true") as result:
        w = result.trained("pixels->hidden")
        assert np.array_equal(w.best, w.last)


def test_only_what_is_to_learn_learns(folder):
    with run(folder, "trains", "--set", "learning.bp.trains=[hidden->answer]") as result:
        moved = {n for n in result.trained_names if not np.array_equal(result.trained(n).start, result.trained(n).last)}
    assert moved == {"hidden->answer", "answer.b"}
    with run(folder, "fixed", "--set", "projections.recurrent.trainable=false",
             "--set", "populations.hidden.parameters.train_d=true") as result:
        moved = {n for n in result.trained_names if not np.array_equal(result.trained(n).start, result.trained(n).last)}
    assert moved == {"pixels->hidden", "hidden->answer", "answer.b", "hidden.b", "hidden.d"}


def test_parameters_start_what_is_trained(folder):
    with run(folder, "drawn", "--set", "populations.hidden.parameters.b={uniform: [-2, -1]}") as result:
        b = result.trained("hidden.b").start
    assert b.min() >= -2 and b.max() <= -1 and len(set(b)) == 24


def test_numbers_that_are_no_longer_finite_stop_the_run(folder):
    said = run(folder, "nan", "--set", "populations.answer={neuron: readout, size: 3}", "--set",
               "learning.bp.optimiser={sgd: {rate: 1e38}}", code=2)
    assert re.search(r"base\.yaml:14:\d+: learning: train, epoch 1, batch \d+: numbers are no longer finite, "
                     r"first in \S", said)
    with volley.read(folder / "nan.h5") as result:
        assert not result.complete and np.isfinite(result.trained("hidden->answer").last).all()


def test_ctrl_c_leaves_a_file_with_weights(folder):
    command = [VOLLEY, "run", "base.yaml", "--output", "stopped.h5", "--overwrite",
               "--set", "phases.0.train.epochs=1000000"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        for line in process.stderr:
            assert re.match(r"train epoch 1/1000000, loss [\d.]+, accuracy [\d.]+ %, "
                            r"validation accuracy [\d.]+ %", line)
            break
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        assert process.wait(30) == 130
    with volley.read(folder / "stopped.h5") as result:
        assert not result.complete and result.provenance["reason"] == "interrupted" and len(result.training()) >= 1
        w = result.trained("pixels->hidden")
        assert not np.array_equal(w.start, w.last)


def test_a_sweep_has_a_table_of_metrics(folder):
    subprocess.run([VOLLEY, "run", "base.yaml", "--output", "sweep.h5", "--overwrite", "--quiet", "--set",
                    "sweep={seed: [1, 2], learning.bp.optimiser: [sgd, adam]}"], cwd=folder, check=True)
    table = np.genfromtxt(folder / "sweep.csv", delimiter=",", names=True, dtype=None, encoding="utf-8")
    assert len(table) == 4
    for row, k in zip(table, range(1, 5)):
        with volley.read(folder / f"sweep-{k}.h5") as result:
            assert row["test_accuracy"] == pytest.approx(result.evaluation("test").metrics["accuracy"], rel=1e-5)


def test_a_modulator_may_be_swept(folder, base):
    subprocess.run([VOLLEY, "run", "base.yaml", "--output", "modulated.h5", "--overwrite", "--quiet", "--set",
                    "sweep={learning.bp.modulator: [none, grapes, {grapes: {form: local}}]}"], cwd=folder, check=True)
    weights = []
    for k in (1, 2, 3):
        with volley.read(folder / f"modulated-{k}.h5") as result:
            weights.append(result.trained("pixels->hidden").last)
    assert np.array_equal(weights[0], base.trained("pixels->hidden").last)
    assert len({w.tobytes() for w in weights}) == 3


NOTES = """\
volley: 1
seed: 1
tick: 1 ms
datasets:
  d: {piano_roll: {file: notes.h5}, split: file}
populations:
  notes: {stimulator: direct, size: 5, parameters: {data: d.roll}}
  hidden: {neuron: ssnu, size: 12, parameters: {d: 0.4}}
  logits: {neuron: readout, size: 5}
projections:
  - {from: notes, to: hidden, connect: dense, weight: {glorot: uniform}, delay: 0 ticks}
  - {from: hidden, to: hidden, connect: dense, weight: {glorot: uniform}, delay: 1 ticks}
  - {from: hidden, to: logits, connect: dense, weight: {glorot: uniform}, delay: 0 ticks}
learning:
  bp: {rule: bptt, loss: {sigmoid_cross_entropy: {of: logits, target: d.next}},
       optimiser: {adam: {rate: 0.02}}, clip: 10}
phases:
  - train: {data: d.train, learning: bp, epochs: 25, lanes: 3, trial: sample,
            validate: {data: d.valid, metrics: nll_per_step, every: 5 epochs}}
  - evaluate: {name: test, data: d.test, lanes: 4, trial: sample, metrics: [nll_per_step, nll_per_sequence, perplexity]}
"""


def test_sequences_of_unequal_length_are_scored_as_numpy_scores_them(folder):
    (folder / "notes.yaml").write_text(NOTES)
    with run(folder, "scored", experiment="notes.yaml") as result, h5py.File(folder / "notes.h5") as data:
        W, H, V = (result.trained(n).last.astype(float) for n in ("notes->hidden", "hidden->hidden", "hidden->logits"))
        b, c = (result.trained(n).last.astype(float) for n in ("hidden.b", "logits.b"))
        nll, steps, at, each = 0.0, 0, 0, []
        for n in data["test/lengths"]:
            roll, s, y, own = data["test/roll"][at:at + n].astype(float), np.zeros(12), np.zeros(12), 0.0
            at += n
            for x, wanted in zip(roll[:-1], roll[1:]):
                s = x @ W + y @ H + 0.4 * s * (1 - y)
                y = 1 / (1 + np.exp(-(s + b)))
                o = y @ V + c
                own += np.sum(np.logaddexp(0, o) - wanted * o)
            nll, steps = nll + own, steps + n - 1
            each.append(own)
        test = result.evaluation("test")
        assert test.loss == pytest.approx(each, rel=1e-5)
        assert test.metrics["nll_per_step"] == pytest.approx(nll / steps, rel=1e-5)
        assert test.metrics["nll_per_sequence"] == pytest.approx(np.mean(each), rel=1e-5)
        assert test.metrics["perplexity"] == pytest.approx(np.exp(nll / steps), rel=1e-5)
        assert nll / steps < 1.0  # a marginal frequency of 1/5 would give 2.5
        valid = result.training()["valid_nll_per_step"]
        assert np.isnan(valid[:4]).all() and np.isfinite(valid[4::5]).all()


ONLINE = ["--set", "engine.precision=double", "--set", "learning.bp.optimiser={sgd: {rate: 0.01}}", "--set",
          "phases.0.train.epochs=4", "--set", "phases.0.train.validate.every=1"]


def test_an_online_rule_learns_along_the_curve_of_backpropagation(folder):
    with run(folder, "back", *ONLINE, experiment="notes.yaml") as back, \
            run(folder, "online", *ONLINE, "--set", "learning.bp.rule=ostl", "--threads", "1",
                experiment="notes.yaml") as online, \
            run(folder, "online2", *ONLINE, "--set", "learning.bp.rule=ostl", "--threads", "8",
                experiment="notes.yaml") as again:
        for name in ("loss", "valid_nll_per_step", "gradient_norm"):
            assert online.training()[name] == pytest.approx(back.training()[name], rel=1e-11)
        assert back.training()["loss"][-1] < 0.95 * back.training()["loss"][0]
        w = online.trained("hidden->hidden").last
        assert w.dtype == np.float64 and (w != w.astype(np.float32)).any()
        assert same(contents(online), contents(again))
        assert text(online.file["training/train"].attrs["exact"]) == "true"
        assert text(online.file["training/train"].attrs["rule"]) == "ostl"
    deep = [*ONLINE, "--set", "populations.logits.parameters={d: 0.5}", "--set", "learning.bp.rule=ostl"]
    with run(folder, "deep", *deep, experiment="notes.yaml") as result:
        assert text(result.file["training/train"].attrs["exact"]) == "false, because logits after hidden has memory"


@pytest.mark.parametrize("rule", ["{bptt: {truncate: 4 ticks}}", "ostl", "eprop", "{eprop: {feedback: random}}",
                                  "{eprop: {feedback: adaptive}}", "feedback_alignment", "direct_feedback_alignment"])
def test_every_rule_learns_and_has_the_same_bits_for_any_threads(folder, rule):
    options = ["--set", f"learning.bp.rule={rule}", "--set", "phases.0.train.epochs=6"]
    with run(folder, "one", *options, "--threads", "1", experiment="notes.yaml") as one, \
            run(folder, "two", *options, "--threads", "2", experiment="notes.yaml") as two:
        assert one.training()["loss"][-1] < 0.95 * one.training()["loss"][0]
        assert same(contents(one), contents(two))


@pytest.mark.parametrize("rule", ["ostl", "{bptt: {truncate: 2 ticks}}"])
def test_weights_may_change_within_a_trial(folder, rule):
    options = ["--set", f"learning.bp.rule={rule}", "--set", "learning.bp.update={every: 2 ticks}",
               "--set", "phases.0.train.epochs=5", "--set", "learning.bp.optimiser={sgd: {rate: 0.02}}"]
    with run(folder, "within", *options, experiment="notes.yaml") as within, \
            run(folder, "batches", *options, "--set", "learning.bp.update={every: batch}",
                experiment="notes.yaml") as batches:
        assert within.training()["loss"][-1] < 0.95 * within.training()["loss"][0]
        assert not np.array_equal(within.trained("hidden->logits").last, batches.trained("hidden->logits").last)
        assert "weights change within a trial" in text(within.file["training/train"].attrs["exact"])


def peak_bytes(folder, ticks, rule):
    command = [VOLLEY, "run", "base.yaml", "--output", "long.h5", "--overwrite", "--quiet", "--threads", "1",
               "--set", "populations.answer={neuron: readout, size: 3}", "--set", f"learning.bp.rule={rule}",
               "--set", "learning.bp.loss={softmax_cross_entropy: {of: answer, target: d.label}}",
               "--set", "projections.recurrent.trainable=false", "--set", "learning.bp.optimiser=sgd",
               "--set", "datasets.d.split={train: 1}", "--set", "record={}", "--set",
               f"phases=[{{train: {{data: d.train, learning: bp, trial: {ticks} ticks}}}}]"]
    subprocess.run(["sh", "-c", shlex.join(command) + "; exit $?"], cwd=folder, check=True)  # a small parent
    with volley.read(folder / "long.h5") as result:
        return float(result.file["provenance"].attrs["peak_rss_mb"]) * 2**20


@pytest.mark.skipif(bool(os.environ["VOLLEY_SANITIZE"]), reason="a sanitizer keeps memory that was given back")
def test_memory_of_an_online_rule_does_not_grow_with_the_trial(folder):
    inputs, hidden, outputs = 16 * 4, 24 * 4, 3 * 4  # bytes a tick
    online, back = ((peak_bytes(folder, many, rule) - peak_bytes(folder, 1000, rule)) / (many - 1000)
                    for rule, many in (("{ostl: {jacobian: diagonal}}", 3_001_000), ("bptt", 201_000)))
    assert abs(online) < 1  # a peak is known to 2 MB
    assert back == pytest.approx(inputs + 6 * hidden + 5 * outputs + hidden, rel=0.2)  # and a list of who was active


def test_the_page_names_every_dataset_and_attribute(base):
    page = open(os.path.join(SOURCE, "docs", "results.md"), encoding="utf-8").read()
    rows = {r for line in re.findall(r"^\| (`/[^|]+) \|", page, re.M) for r in re.findall(r"`(/[^`]+)`", line)}
    words = set(re.findall(r"`([A-Za-z_]+)`", page))
    found = set()
    for name in contents(base):
        name = re.sub(r"^(training|evaluation)/[^/]+", r"/\1/PHASE", re.sub(r"^trained/[^/]+", "/trained/NAME", name))
        name = re.sub(r"/spikes/[^/]+", "/spikes/LAYER", name)
        found.add(re.sub(r"/(valid_)?(loss|accuracy)$", r"/\1METRIC", name) if "training" in name else name)
    of_learning = {r for r in rows if r.startswith(("/training", "/evaluation", "/trained"))}
    assert found | {"/training/PHASE/seconds"} == of_learning
    metrics = {"loss", "accuracy", "spikes_per_sample", "synops_per_sample"}
    assert set(base.file["training/train"].attrs) <= words
    assert set(base.file["evaluation/test"].attrs) - metrics <= words


def test_a_picture_and_a_summary_of_what_was_learnt(base, tmp_path):
    from matplotlib import image
    from volley.plot import subject
    from volley.summary import summary
    assert subject(base) == "learning"
    out = tmp_path / "learnt.png"
    subprocess.run([sys.executable, "-m", "volley", "plot", base.path, "-o", str(out)], check=True)
    pixels = image.imread(out)[..., :3]
    assert 0.005 < (pixels.min(axis=2) < 0.9).mean() < 0.6  # something is drawn, and not everything
    epochs = base.training()
    said = summary(base)
    assert f"train, epoch {len(epochs)}" in said and f"{epochs['loss'][-1]:.5g}" in said
    assert f"accuracy {base.evaluation('test').metrics['accuracy']:.5g}" in said
