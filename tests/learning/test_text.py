# SPDX-License-Identifier: Apache-2.0
"""Learning from texts: scores against numpy, shared weights, windows whose state goes on, dropout, resuming."""
import subprocess
from collections import Counter

import numpy as np
import pytest
import volley

from test_training import VOLLEY, contents, run, same

TEXT = """\
volley: 1
seed: 3
tick: 1 ms
datasets:
  d: {text: {file: tale.txt, steps: 60}, split: {train: 0.8, valid: 0.1, test: 0.1}}
populations:
  letters: {stimulator: direct, size: 8, parameters: {data: d.token}}
  embedding: {neuron: perceptron, size: 16, parameters: {g: identity}}
  hidden: {neuron: ssnu, size: 16, parameters: {d: 0.4}, dropout: 0.1}
  logits: {neuron: readout, size: 8}
projections:
  - {chain: [letters, embedding, hidden], connect: dense, weight: {glorot: uniform}, delay: 0 ticks}
  - {from: hidden, to: hidden, connect: dense, weight: {glorot: uniform}, delay: 1 ticks}
  - {from: hidden, to: logits, connect: dense, tie_transposed: letters->embedding, delay: 0 ticks}
learning:
  bp:
    rule: {bptt: {truncate: 10 ticks, state: carry}}
    loss: {softmax_cross_entropy: {of: logits, target: d.next}}
    optimiser: {adam: {rate: 0.01}}
    update: {every: 10 ticks}
phases:
  - train: {data: d.train, learning: bp, epochs: 8, lanes: 20, trial: sample,
            validate: {data: d.valid, metrics: perplexity}, keep: {best: perplexity}}
  - evaluate: {name: test, data: d.test, lanes: 4, trial: sample, metrics: [nll_per_step, perplexity, loss]}
"""


def tale():
    """Sentences of letters in which what follows an a or an o depends on the letter before it."""
    r, follows = np.random.default_rng(1), {"ba": "n", "na": "b", "no": "t", "to": "n", "bo": "t", "ta": "."}
    out = "ba"
    while len(out) < 9001:
        last = out[-2:]
        out += follows.get(last) or ({".": " ", " ": "ntb"[r.integers(3)]}.get(out[-1]) or "ao"[r.integers(2)])
    return out[:9001]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    (folder / "tale.txt").write_text(tale())
    (folder / "text.yaml").write_text(TEXT)
    return folder


@pytest.fixture(scope="module")
def one(folder):
    with run(folder, "one", "--threads", "1", experiment="text.yaml") as result:
        yield result


def vocabulary(text):
    """The unknown token, then letters of the training part by frequency."""
    return ["", *sorted(Counter(text).items(), key=lambda x: (-x[1], x[0]))]


def test_a_text_is_scored_as_numpy_scores_it(one):
    text = tale()
    number = {v[0]: k for k, v in enumerate(vocabulary(text[:7200])) if v}
    assert len(number) == 7
    E, W, H, V = (one.trained(n).last.astype(float) for n in
                  ("letters->embedding", "embedding->hidden", "hidden->hidden", "hidden->logits"))
    b, c = (one.trained(n).last.astype(float) for n in ("hidden.b", "logits.b"))
    assert (V == E.T).all()
    each = []
    for first in range(8100, 9000, 60):  # 150 pieces: 120, 15, 15
        s, y, nll = np.zeros(16), np.zeros(16), 0.0
        for here, then in zip(text[first:first + 60], text[first + 1:first + 61]):
            s = E[number[here]] @ W + y @ H + 0.4 * s * (1 - y)
            y = 1 / (1 + np.exp(-(s + b)))  # nothing is dropped
            o = y @ V + c
            nll += np.log(np.exp(o).sum()) - o[number[then]]
        each.append(nll)
    test = one.evaluation("test")
    assert test.loss == pytest.approx(each, rel=1e-5)
    assert test.metrics["nll_per_step"] == pytest.approx(np.sum(each) / 900, rel=1e-5)
    assert test.metrics["perplexity"] == pytest.approx(np.exp(np.sum(each) / 900), rel=1e-5)


def test_it_knows_more_than_the_letter_before(one):
    text = tale()
    pairs, singles = Counter(zip(text, text[1:])), Counter(text[:-1])
    bigram = -sum(n * np.log(n / singles[a]) for (a, _), n in pairs.items()) / sum(pairs.values())
    assert one.evaluation("test").metrics["nll_per_step"] < bigram - 0.1


@pytest.mark.parametrize("threads", ["2", "8"])
def test_threads_change_no_bit(folder, one, threads):
    with run(folder, f"t{threads}", "--threads", threads, experiment="text.yaml") as result:
        assert same(contents(result), contents(one))


def test_dropout_is_of_the_training_only_and_matters(folder, one):
    none = ["--set", "populations.hidden.dropout=0"]
    with run(folder, "none", *none, experiment="text.yaml") as result:
        assert (result.trained("hidden->hidden").last != one.trained("hidden->hidden").last).any()
    frozen = ["--set", "learning.bp.optimiser={sgd: {rate: 1e-30}}", "--set", "phases.0.train.epochs=1"]
    with run(folder, "a", *frozen, *none, experiment="text.yaml") as a, \
            run(folder, "b", *frozen, experiment="text.yaml") as b:
        assert a.training()["loss"][0] != b.training()["loss"][0]
        assert a.training()["valid_perplexity"][0] == b.training()["valid_perplexity"][0]
        assert (a.evaluation("test").loss == b.evaluation("test").loss).all()


def test_from_any_epoch_the_rest_is_the_same(folder, one):
    p = subprocess.Popen([VOLLEY, "run", "text.yaml", "--output", "again.h5", "--quiet"], cwd=folder)
    kept = set()
    while p.poll() is None:
        try:
            kept.add((folder / "again.h5.checkpoint").read_bytes())
        except FileNotFoundError:
            pass
    assert p.returncode == 0 and kept
    for k, part in enumerate(kept):
        (folder / f"from{k}.h5.checkpoint").write_bytes(part)
        subprocess.run([VOLLEY, "run", "text.yaml", "--output", f"from{k}.h5", "--quiet", "--resume"], cwd=folder, check=True)
        with volley.read(folder / f"from{k}.h5") as result:
            assert same(contents(result), contents(one))


def test_the_resolved_file_gives_the_same(folder, one):
    (folder / "resolved.yaml").write_text(one.provenance["resolved"])
    with run(folder, "resolved", experiment="resolved.yaml") as result:
        assert same(contents(result), contents(one))


def test_weights_of_a_result_begin_another_run(folder, one):
    with run(folder, "more", "--weights", "one.h5", experiment="text.yaml") as result:
        assert (result.trained("letters->embedding").start == one.trained("letters->embedding").best).all()
        assert (result.trained("hidden->logits").start == one.trained("letters->embedding").best.T).all()
