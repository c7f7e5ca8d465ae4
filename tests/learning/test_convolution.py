# SPDX-License-Identifier: Apache-2.0
"""Convolutions in training runs: they learn, and what the result file says of them is what numpy finds."""
import subprocess
import sys

import numpy as np
import pytest
import volley

from test_training import VOLLEY, contents, folder, run, same  # noqa: F401  (a fixture)

DECAY, LEAK = 0.9, 0.1  # of snu, by default
NET = """\
volley: 1
seed: 3
tick: 1 ms
datasets:
  d: {csv_images: {file: images.csv, shape: [4, 4]}, split: {train: 90, valid: 30, test: 30, seed: 0}}
populations:
  pixels: {stimulator: bernoulli, size: 16, parameters: {data: d.image}}
  features: {neuron: snu, size: [6, 4, 4], parameters: {g: leaky_relu}}
  pooled: {neuron: snu, size: [6, 2, 3], parameters: {g: leaky_relu, b: -0.3}}
  deep: {neuron: snu, size: [5, 1, 2], parameters: {g: leaky_relu}}
  answer: {neuron: snu, size: 3, parameters: {g: leaky_relu}}
projections:
  - {from: pixels, to: features, connect: {conv2d: {kernel: 3, padding: 1}}, weight: {he: uniform}, delay: 0 ticks}
  - {from: features, to: pooled, connect: {avg_pool: {kernel: [2, 2], stride: [2, 1]}}, delay: 0 ticks}
  - {from: pooled, to: deep, connect: {conv2d: {kernel: 2}}, weight: {glorot: normal}, delay: 1 ticks}
  - {from: deep, to: answer, connect: dense, weight: {glorot: uniform}, delay: 0 ticks}
learning:
  bp: {rule: bptt, loss: {mse_rate: {of: answer, target: d.label}}, optimiser: {adam: {rate: 0.01}}}
phases:
  - train: {data: d.train, learning: bp, epochs: 8, lanes: 16, trial: 10 ticks,
            validate: {data: d.valid, metrics: [accuracy]}, keep: {best: accuracy}}
  - evaluate: {name: test, data: d.test, weights: best, lanes: 16, trial: 10 ticks,
               metrics: [accuracy, spikes_per_sample, synops_per_sample]}
record: {spikes: [pixels, features, pooled, deep, answer]}
"""


@pytest.fixture(scope="module")
def result(folder):  # noqa: F811
    (folder / "conv.yaml").write_text(NET)
    with run(folder, "conv", experiment="conv.yaml") as r:
        yield r


def windows(x, kernel, stride=(1, 1)):
    """[channel, row, column, row of the patch, column of the patch] of a [channel, height, width]."""
    w = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(1, 2))
    return w[:, ::stride[0], ::stride[1]]


def spikes_of(test, name, shape, sample):
    s = test.spikes[name]
    out = np.zeros((10, int(np.prod(shape))))
    own = s.sample == sample
    out[s.tick[own].astype(int), s.unit[own].astype(int)] = 1
    return out.reshape(10, *shape)


def test_it_learns(result):
    assert result.evaluation("test").metrics["accuracy"] > 0.7
    assert result.training()["loss"][-1] < 0.8 * result.training()["loss"][0]


def test_weights_are_arrays_of_four_sides(result):
    assert result.trained("pixels->features").last.shape == (6, 1, 3, 3)
    assert result.trained("pooled->deep").best.shape == (5, 6, 2, 2)
    assert "features->pooled" not in result.trained_names


def test_initial_weights_have_the_fans_of_a_convolution(folder, result):  # noqa: F811
    wide = ["--set", "populations.features.size=[200, 4, 4]", "--set", "populations.pooled.size=[200, 2, 3]", "--set",
            "populations.deep.size=[90, 1, 2]", "--set", "phases.0.train.epochs=1"]
    with run(folder, "wide", *wide, experiment="conv.yaml") as r:
        he, glorot = r.trained("pixels->features").start, r.trained("pooled->deep").start
    assert 0.99 * np.sqrt(6 / 9) < abs(he).max() <= np.sqrt(6 / 9)
    assert glorot.std() == pytest.approx(np.sqrt(2 / (200 * 4 + 90 * 4)), rel=0.01)


def test_spikes_are_those_that_numpy_finds(result):
    """One tick after the other, from the recorded spikes of the layer before."""
    test = result.evaluation("test")
    best = {n: result.trained(n).best.astype(float) for n in result.trained_names}
    shapes = {"pixels": (1, 4, 4), "features": (6, 4, 4), "pooled": (6, 2, 3), "deep": (5, 1, 2), "answer": (3,)}
    differ, all_spikes = 0, 0
    for sample in test.sample[:5]:
        y = {n: spikes_of(test, n, s, sample) for n, s in shapes.items()}
        x = np.pad(y["pixels"], ((0, 0), (0, 0), (1, 1), (1, 1)))
        late = np.concatenate([np.zeros((1, 6, 2, 3)), y["pooled"][:-1]])
        z = {"features": [np.einsum("cyxij,ocij->oyx", windows(t, (3, 3)), best["pixels->features"]) for t in x],
             "pooled": [windows(t, (2, 2), (2, 1)).mean((3, 4)) for t in y["features"]],
             "deep": [np.einsum("cyxij,ocij->oyx", windows(t, (2, 2)), best["pooled->deep"]) for t in late],
             "answer": [t.ravel() @ best["deep->answer"] for t in y["deep"]]}
        for name, inputs in z.items():
            s, before, b = 0.0, 0.0, best[f"{name}.b"].reshape(shapes[name])
            for tick, i in enumerate(inputs):
                s = i + DECAY * s * (1 - before)
                s = np.where(s > 0, s, LEAK * s)
                before = y[name][tick]
                differ += np.sum((s + b > 0) != before)
                all_spikes += before.sum()
    assert all_spikes > 100 and differ <= 2  # rounding


def test_synaptic_operations_are_pairs_of_a_spike_and_a_unit_it_reaches(result):
    test = result.evaluation("test")
    def fan_out(shape, kernel, stride, padding, channels):
        n = np.zeros((shape[0], shape[1] + 2 * padding, shape[2] + 2 * padding))
        for y in range(0, n.shape[1] - kernel + 1, stride[0]):
            for x in range(0, n.shape[2] - kernel + 1, stride[1]):
                n[:, y:y + kernel, x:x + kernel] += channels
        return n[:, padding:padding + shape[1], padding:padding + shape[2]].ravel()

    counts = {"pixels": fan_out((1, 4, 4), 3, (1, 1), 1, 6), "features": fan_out((6, 4, 4), 2, (2, 1), 0, 1),
              "pooled": fan_out((6, 2, 3), 2, (1, 1), 0, 5), "deep": np.full(10, 3.0)}
    total = 0.0
    for name, of in counts.items():
        s = test.spikes[name]
        early = s.tick < 9 if name == "pooled" else s.tick < 10  # what the delay carries beyond the trial reaches nobody
        total += of[s.unit[early].astype(int)].sum()
    assert test.metrics["synops_per_sample"] == pytest.approx(total / 30)


@pytest.mark.parametrize("threads", ["2", "8"])
def test_threads_change_no_bit(folder, result, threads):  # noqa: F811
    with run(folder, f"conv{threads}", "--threads", threads, experiment="conv.yaml") as other:
        assert same(contents(result), contents(other))


def test_weights_go_into_another_run_and_through_npz(folder, result):  # noqa: F811
    call = [sys.executable, "-m", "volley", "weights"]
    subprocess.run([*call, "conv.h5", "--output", "conv.npz"], cwd=folder, check=True)
    subprocess.run([*call, "conv.npz", "--output", "again.h5"], cwd=folder, check=True)
    for k, source in enumerate(("conv.h5", "again.h5")):
        with run(folder, f"begun{k}", "--weights", source, "--set", "phases.0.train.epochs=1",
                 experiment="conv.yaml") as begun:
            for name in result.trained_names:
                assert np.array_equal(begun.trained(name).start, result.trained(name).best), name
    said = run(folder, "refused", "--weights", "conv.h5", "--set", "populations.deep.size=[4, 1, 2]",
               experiment="conv.yaml", code=2)
    assert "pooled->deep is 4 x 6 x 2 x 2, the file has 5 x 6 x 2 x 2" in said


@pytest.mark.parametrize("rule", ["{bptt: {truncate: 3 ticks}}", "feedback_alignment", "direct_feedback_alignment"])
def test_rules_that_go_back_learn_it(folder, rule):  # noqa: F811
    with run(folder, "rule", "--set", f"learning.bp.rule={rule}", "--set", "engine.precision=double",
             experiment="conv.yaml") as r:
        assert r.training()["loss"][-1] < 0.95 * r.training()["loss"][0]
        w = r.trained("pixels->features")
        assert w.last.dtype == np.float64 and abs(w.last - w.start).max() > 1e-3


@pytest.mark.parametrize("rule", ["ostl", "eprop"])
def test_rules_of_traces_refuse_it_where_it_learns(folder, rule):  # noqa: F811
    said = run(folder, "traces", "--set", f"learning.bp.rule={rule}", experiment="conv.yaml", code=2)
    assert "pixels->features: features remembers" in said and "`bptt` trains it" in said
    fixed = [option for k in (0, 2) for option in ("--set", f"projections.{k}.trainable=false")]
    with run(folder, "traced", "--set", f"learning.bp.rule={rule}", *fixed, experiment="conv.yaml") as r:
        w = r.trained("pixels->features")
        assert np.array_equal(w.start, w.last)
        assert not np.array_equal(r.trained("deep->answer").start, r.trained("deep->answer").last)


def test_from_a_checkpoint_the_rest_is_the_same(folder, result):  # noqa: F811
    p = subprocess.Popen([VOLLEY, "run", "conv.yaml", "--output", "first.h5", "--quiet"], cwd=folder)
    kept = None
    while p.poll() is None:
        try:
            kept = kept or (folder / "first.h5.checkpoint").read_bytes()
        except FileNotFoundError:
            pass
    assert p.returncode == 0 and kept
    (folder / "rest.h5.checkpoint").write_bytes(kept)
    subprocess.run([VOLLEY, "run", "conv.yaml", "--output", "rest.h5", "--quiet", "--resume"], cwd=folder, check=True)
    with volley.read(folder / "rest.h5") as rest:
        assert rest.complete and same(contents(rest), contents(result))
