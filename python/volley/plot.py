# SPDX-License-Identifier: Apache-2.0
"""Pictures of result files: what the experiment is about, or what is asked for."""
from __future__ import annotations

from typing import Callable, Dict, List

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

from .result import Error, Result, Weights
from .learning import plot_learning
from .raster import plot_raster
from .style import COLOURS, STYLE, colours_of, figure, heading, mark_phases, time_unit, unit_label

LINES = 150   # synapses drawn one by one; more as a distribution
SAMPLE = 100_000  # synapses whose quantiles stand for those of more
STEPS = 400   # of weights that are known at every time
NEURONS = 5   # traces in one panel


def plot(result: Result, what: str = "auto") -> plt.Figure:
    """A figure of a result. what: "auto", "learning", "raster", "rates", "weights" or "states".

    auto: what was learnt in trials; else the weights if some of plastic projections were recorded, else spikes, else
    states, else rates.
    """
    draw: Dict[str, Callable[[Result], plt.Figure]] = {
        "learning": plot_learning, "raster": plot_raster, "rates": plot_rates,
        "weights": plot_weights, "states": plot_states}
    if what == "auto":
        what = subject(result)
    with matplotlib.rc_context(STYLE):
        return draw[what](result)


def subject(result: Result) -> str:
    """What the experiment is about."""
    if result.training_phases or result.evaluation_phases:
        return "learning"
    if any(result.file["weights"][k].attrs["plastic"] for k in result.file["weights"]):
        return "weights"
    if any(len(result.file["spikes"][k]["timestamps"]) for k in result.spike_records):
        return "raster"
    for kind, records in (("states", result.state_records), ("rates", result.rate_records),
                          ("weights", result.weight_records), ("raster", result.spike_records)):
        if records:
            return kind
    raise Error(f"{result.path}: nothing was recorded, there is nothing to draw")


def history(w: Weights, end_ms: float) -> tuple:
    """(times (K,), values (K, M)) of a record: its snapshots or, with changes, steps made of both."""
    if w.changes is None:
        return w.times, w.values
    times = np.linspace(0, end_ms, STEPS)
    return times, w.at(times)


def plot_weights(result: Result) -> plt.Figure:
    """One row a projection: the weights over time, and how they are distributed at the end. Its colour is that of its
    target; weights in [0, 1] (with a gain) share their axis."""
    records = [result.weights(name) for name in result.weight_records]
    records = [w for w in records if len(w.source)]
    records = [w for w in records if w.plastic] or records
    if not records:
        raise Error(f"{result.path}: no weights were recorded")
    left_out = len(records) - 6
    records = records[:6]
    end = result.duration
    unit, factor = time_unit(end)
    f, axes = figure(len(records), 0.7 + 2.3 * len(records), ncols=2, width_ratios=[3, 1], sharey="row", sharex="col")
    colours = colours_of(result)
    for w, (over_time, final) in zip(records, axes):
        colour = colours.get(w.target_population, COLOURS[0])
        times, values = history(w, end)
        if len(w.source) <= LINES:
            alpha = 0.9 if len(w.source) <= 12 else 0.45
            over_time.plot(times * factor, values, color=colour, lw=0.8, alpha=alpha)
            shown = f"{len(w.source)} synapse" + "s" * (len(w.source) != 1)
        else:
            some = values[:, ::1 + len(w.source) // SAMPLE]
            for low, high, alpha in ((0, 100, 0.10), (5, 95, 0.18), (25, 75, 0.30)):
                band = np.percentile(some, (low, high), axis=1)
                over_time.fill_between(times * factor, *band, color=colour, alpha=alpha, lw=0)
            over_time.plot(times * factor, np.median(some, axis=1), color=colour)
            shown = f"{len(w.source)} synapses: median, 50 %, 90 % and all"
        if len(values):
            over_time.plot(times * factor, values.mean(axis=1), color="black", lw=1.4, ls="--")
        over_time.set_title(f"{w.projection}   ", loc="left")
        over_time.set_title(shown + ", dashed: mean", loc="right", fontsize=8, fontweight="normal", color="#555555")
        over_time.set_ylabel(unit_label("weight", w.unit))
        over_time.margins(x=0.01)
        mark_phases(over_time, result, factor)
        last = w.final()
        low, high = min(last.min(), w.initial.min()), max(last.max(), w.initial.max())
        pad = 0.02 * (high - low) or 0.05 * abs(high) or 0.5
        bins = np.linspace(low - pad, high + pad, 31)
        final.hist(last, bins, orientation="horizontal", color=colour, alpha=0.75)
        final.set_title(f"end: {last.mean():.3g} ± {last.std():.2g}", fontsize=8, fontweight="normal", color="#555555")
        final.tick_params(axis="y", length=0)
        final.xaxis.set_major_locator(plt.MaxNLocator(integer=True, nbins=4))
    like = [row[0] for w, row in zip(records, axes) if w.gain is not None]
    for panel in like:
        panel.set_ylim(min(p.get_ylim()[0] for p in like), max(p.get_ylim()[1] for p in like))
    axes[-1][0].set_xlabel(f"time ({unit})")
    axes[-1][1].set_xlabel("synapses")
    heading(f, result, "weights" + (f" (6 of {6 + left_out} projections)" if left_out > 0 else ""))
    return f


def plot_states(result: Result) -> plt.Figure:
    """One panel a variable, some neurons in each; spikes of the neuron as marks above V."""
    reports = [result.states(p, v) for p, v in dict.fromkeys(result.state_records)]
    reports = [s for s in reports if s.values.size]
    if not reports:
        raise Error(f"{result.path}: no states were recorded")
    reports = reports[:8]
    end = max(float(s.times[-1]) for s in reports)
    unit, factor = time_unit(end)
    f, axes = figure(len(reports), 0.8 + 1.7 * len(reports), sharex=True)
    for s, (panel,) in zip(reports, axes):
        chosen = np.unique(np.linspace(0, len(s.ids) - 1, min(NEURONS, len(s.ids))).round().astype(int))
        fired = result.spikes(s.population) if s.variable == "V" and s.population in result.spike_records else None
        top = float(np.nanmax(s.values[:, chosen]))
        for k, column in enumerate(chosen):
            colour = COLOURS[k % len(COLOURS)]
            panel.plot(s.times * factor, s.values[:, column], color=colour, lw=0.9, label=f"{s.ids[column]}")
            if fired is not None:
                times = fired.of(int(s.ids[column]))
                height = top + (0.06 + 0.05 * k) * (np.ptp(s.values[:, chosen]) or 1.0)
                panel.plot(times * factor, np.full(len(times), height), "|", color=colour, ms=5)
        panel.set_title(f"{s.population}.{s.variable}" + (", marks: spikes" if fired is not None else ""))
        panel.set_ylabel(unit_label(s.variable, s.unit))
        panel.margins(x=0.01)
        mark_phases(panel, result, factor)
        if len(s.ids) > 1:
            panel.legend(title="neuron", title_fontsize=8, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    axes[-1][0].set_xlabel(f"time ({unit})")
    heading(f, result, "states")
    return f


def plot_rates(result: Result) -> plt.Figure:
    """Recorded rates of all populations in one panel."""
    records: List = [result.rates(name) for name in result.rate_records]
    if not any(len(r.times) for r in records):
        raise Error(f"{result.path}: no rates were recorded" + (" yet" if records else "; spikes have --what raster"))
    unit, factor = time_unit(max(float(r.times[-1]) for r in records if len(r.times)))
    colours = colours_of(result)
    f, ((panel,),) = figure(1, 3.4)
    for r in records:
        if len(r.times):
            edges = np.concatenate([[r.times[0] - r.bin_ms], r.times])
            panel.stairs(r.rate, edges * factor, color=colours[r.population.split("#")[0]], lw=1.2, baseline=None,
                         label=f"{r.population}: {r.rate.mean():.3g} Hz, bins of {r.bin_ms:.3g} ms")
    mark_phases(panel, result, factor)
    panel.set_ylim(bottom=0)
    panel.margins(x=0.01)
    panel.set_xlabel(f"time ({unit})")
    panel.set_ylabel("rate (Hz)")
    panel.legend(loc="upper left", bbox_to_anchor=(0.0, -0.16), ncols=2)
    heading(f, result, "rates")
    return f
