# SPDX-License-Identifier: Apache-2.0
"""Spikes: a raster of some units of every population and, below, the rates of all units."""
from __future__ import annotations

from dataclasses import dataclass
from typing import List

import matplotlib.pyplot as plt
import numpy as np

from .result import Error, Population, Result
from .style import colours_of, figure, heading, mark_phases, time_unit

UNITS = 240      # rows of the raster over all populations
POINTS = 40_000  # more would be black
BINS = 240       # of the rates, when there are enough spikes to fill them


@dataclass
class Shown:
    """One population in the raster."""
    name: str
    population: Population
    units: np.ndarray   # ids that are shown, ascending
    of: int             # how many there are
    counts: np.ndarray  # spikes of all units in each bin
    times: np.ndarray   # of the shown units' spikes, ms
    rows: np.ndarray    # place of each spike's unit in `units`


def share(sizes: List[int]) -> List[int]:
    """Rows for each population: all units where they fit, else in proportion, every one at least 20 (or all)."""
    if sum(sizes) <= UNITS:
        return sizes
    return [min(n, max(20, round(UNITS * n / sum(sizes)))) for n in sizes]


def collect(result: Result, names: List[str], duration: float) -> List[Shown]:
    sizes = [int(result.file["spikes"][n].attrs["count"]) for n in names]
    spikes = max((len(result.file["spikes"][n]["timestamps"]) for n in names), default=0)
    edges = np.linspace(0, duration, 1 + int(np.clip(2 * np.sqrt(spikes), 20, BINS)))
    shown = []
    for name, size, rows in zip(names, sizes, share(sizes)):
        first = int(result.file["spikes"][name].attrs["first"])
        units = first + np.unique(np.linspace(0, size - 1, rows).round().astype(np.int64)) if rows else np.array([], int)
        place = np.full(size, -1)
        place[units - first] = np.arange(len(units))
        counts, times, places = np.zeros(len(edges) - 1, np.int64), [], []
        for t, i in result.iter_spikes(name):
            counts += np.histogram(t, edges)[0]
            p = place[i - first]
            times.append(t[p >= 0])
            places.append(p[p >= 0])
        shown.append(Shown(name, result.populations[name.split("#")[0]], units, size, counts,
                           np.concatenate(times or [np.array([])]), np.concatenate(places or [np.array([])])))
    return shown


def window(shown: List[Shown], duration: float) -> float:
    """Where the raster begins, so that it has at most POINTS spikes: the end of the run is drawn."""
    times = np.sort(np.concatenate([s.times for s in shown]))
    return 0.0 if len(times) <= POINTS else float(times[-POINTS])


def plot_raster(result: Result) -> plt.Figure:
    names = result.spike_records
    if not names:
        raise Error(f"{result.path}: no spikes were recorded")
    duration = result.duration
    if duration <= 0:
        raise Error(f"{result.path}: nothing has been simulated yet")
    colours = colours_of(result)
    shown = collect(result, names, duration)
    start = window(shown, duration)
    unit, factor = time_unit(duration - start)

    f, ((raster,), (rates,)) = figure(2, 5.6, height_ratios=[2.4, 1])
    total = sum(len(s.units) for s in shown)
    base, ticks, gap = 0.0, [], 0.03 * total
    heights = [max(len(s.units), 0.07 * total) for s in shown]  # room for a label
    points = 210.0 / (sum(heights) + gap * len(shown))          # of the panel's height, a row
    for s, height in reversed(list(zip(shown, heights))):       # the first population lies on top
        late = s.times >= start
        rows = max(1, len(s.units))
        mark = min(9.0, 0.85 * points * height / rows)
        raster.plot(s.times[late] * factor, base + height * (1 - (s.rows[late] + 0.5) / rows), ls="", marker="|",
                    ms=max(1.8, mark), mew=0.8, color=colours[s.population.name], rasterized=True)
        label = f"{s.of}" if len(s.units) == s.of else f"{len(s.units)} of {s.of}"
        label = f"{s.name}\n{label}" if height > 0.2 * total else f"{s.name} ({label})"
        ticks.append((base + height / 2, label, colours[s.population.name]))
        base += height + gap
    raster.set_ylim(-gap, base)
    raster.set_xlim(start * factor, duration * factor)
    raster.set_yticks([t[0] for t in ticks], [t[1] for t in ticks])
    for tick, (_, _, colour) in zip(raster.get_yticklabels(), ticks):
        tick.set_color(colour)
    raster.tick_params(axis="y", length=0)
    raster.spines["left"].set_visible(False)
    raster.set_xlabel(f"time ({unit})")

    unit, factor = time_unit(duration)
    for s in shown:
        if s.of:
            edges = np.linspace(0, duration, len(s.counts) + 1)
            rates.stairs(s.counts / s.of / (edges[1] / 1000), edges * factor, color=colours[s.population.name], lw=1,
                         baseline=None, ls="-" if "#" not in s.name else "--",
                         label=f"{s.name}: {s.counts.sum() / s.of / duration * 1000:.3g} Hz")
    if start > 0:
        rates.axvspan(start * factor, duration * factor, color="#000000", alpha=0.06, lw=0)
    mark_phases(rates, result, factor)
    rates.set_xlim(0, duration * factor)
    rates.set_ylim(bottom=0)
    rates.set_xlabel(f"time ({unit})" + ("; shaded: the part above" if start > 0 else ""))
    rates.set_ylabel("rate (Hz)")
    rates.legend(loc="upper left", bbox_to_anchor=(1.0, 1.05), borderaxespad=0.2)
    heading(f, result, "spikes")
    return f
