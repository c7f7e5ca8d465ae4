# SPDX-License-Identifier: Apache-2.0
"""A picture of what learning has come to: loss and metrics by epoch, and which answers were given for which labels."""
from __future__ import annotations

from typing import List

import matplotlib.pyplot as plt
import numpy as np

from .data import Epochs, Evaluation
from .result import Error, Result
from .style import COLOURS, figure, heading


def plot_learning(result: Result) -> plt.Figure:
    """One row a phase that trained: its loss and its other metrics by epoch. Then the confusions of evaluations."""
    trained = [e for e in map(result.training, result.training_phases) if len(e)]
    tables = [e for e in map(result.evaluation, result.evaluation_phases) if e.confusion is not None]
    if not trained and not tables:
        raise Error(f"{result.path}: no epoch has ended, there is nothing to draw")
    pairs = [tables[k:k + 2] for k in range(0, len(tables), 2)]
    rows = len(trained) + len(pairs)
    f, axes = figure(rows, 0.7 + 2.5 * len(trained) + 3.6 * len(pairs), ncols=2,
                     height_ratios=[2.5] * len(trained) + [3.6] * len(pairs))
    for epochs, (left, right) in zip(trained, axes):
        _curves(left, epochs, ["loss", "valid_loss"], "loss")
        _curves(right, epochs, [c for c in epochs.columns if c not in
                                ("epoch", "seconds", "gradient_norm", "loss", "valid_loss")], "metrics")
        loss = epochs["loss"]
        if np.all(loss > 0) and np.nanmax(loss) > 10 * np.nanmin(loss):
            left.set_yscale("log")
    for pair, panels in zip(pairs, axes[len(trained):]):
        for evaluation, panel in zip(pair, panels):
            _confusion(f, panel, evaluation)
        for panel in panels[len(pair):]:
            panel.axis("off")
    heading(f, result, "learning")
    return f


def _curves(panel: plt.Axes, epochs: Epochs, columns: List[str], title: str) -> None:
    """Columns that there are; where a validation was left out there is no point."""
    columns = [c for c in columns if c in epochs.columns]
    if not columns:
        panel.axis("off")
        return
    for k, name in enumerate(columns):
        there = np.isfinite(epochs[name])
        panel.plot(epochs["epoch"][there], epochs[name][there], color=COLOURS[k % len(COLOURS)], marker=".",
                   label=name.replace("valid_", "validation ", 1))
    panel.set_title(f"{epochs.phase}: {title}")
    panel.set_xlabel("epoch")
    panel.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    panel.margins(x=0.02)
    panel.legend()


def _confusion(f: plt.Figure, panel: plt.Axes, evaluation: Evaluation) -> None:
    """Shares of the answers to each label; numbers where there is room for them."""
    count = evaluation.confusion
    share = count / np.maximum(count.sum(axis=1, keepdims=True), 1)
    image = panel.imshow(share, cmap="Blues", vmin=0.0, vmax=1.0)
    if len(count) <= 12:
        for label, answer in zip(*np.nonzero(count)):
            panel.text(answer, label, str(count[label, answer]), ha="center", va="center", fontsize=6,
                       color="white" if share[label, answer] > 0.5 else "#222222")
    accuracy = evaluation.metrics.get("accuracy", np.trace(count) / max(count.sum(), 1))
    panel.set_title(f"{evaluation.phase}: {accuracy:.2%} of {count.sum()} answers right")
    panel.set_xlabel("answer")
    panel.set_ylabel("label")
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(plt.MaxNLocator(integer=True))
    f.colorbar(image, ax=panel, label="share of the label's answers", shrink=0.8)
