# SPDX-License-Identifier: Apache-2.0
"""What all pictures share: colours, axes, time in the unit that suits it."""
from __future__ import annotations

from typing import Dict, List, Tuple

import matplotlib.pyplot as plt

from .result import Result

# Okabe and Ito's colours, told apart by nearly everybody; stimulators are greys.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
GREYS = ["#8C8C8C", "#4D4D4D", "#BDBDBD"]

STYLE = {
    "figure.dpi": 150, "savefig.dpi": 150, "figure.constrained_layout.use": True,
    "font.size": 9, "axes.titlesize": 9.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.labelsize": 9, "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8,
    "axes.edgecolor": "#444444", "xtick.color": "#444444", "ytick.color": "#444444", "axes.labelcolor": "#222222",
    "lines.linewidth": 1.2, "legend.frameon": False, "legend.fontsize": 8, "axes.formatter.useoffset": False,
}


def colours_of(result: Result) -> Dict[str, str]:
    """A colour for each population, the same in every panel."""
    colours: Dict[str, str] = {}
    for kind, some in (("neuron", COLOURS), ("stimulator", GREYS)):
        names = [p.name for p in result.populations.values() if p.kind == kind]
        colours.update((name, some[k % len(some)]) for k, name in enumerate(names))
    return colours


def time_unit(span_ms: float) -> Tuple[str, float]:
    """(unit, factor from ms) for an axis that covers `span_ms`."""
    for unit, size in (("h", 3.6e6), ("s", 1e3)):
        if span_ms >= 5 * size:
            return unit, 1 / size
    return "ms", 1.0


def unit_label(name: str, unit: str) -> str:
    return name if unit == "1" else f"{name} ({unit})"


def figure(rows: int, height: float, **grid) -> Tuple[plt.Figure, List]:
    """A figure of panels one above the other; axes as a list of rows."""
    f, axes = plt.subplots(rows, grid.pop("ncols", 1), figsize=(8.0, height), squeeze=False, **grid)
    return f, axes


def mark_phases(panel: plt.Axes, result: Result, factor: float) -> None:
    """A thin line where a phase begins, the first excepted."""
    for p in result.phases[1:]:
        panel.axvline(p.start_ms * factor, color="#444444", lw=0.7, ls=":")
        panel.annotate(p.name, (p.start_ms * factor, 1.0), xycoords=("data", "axes fraction"), xytext=(2, -1),
                       textcoords="offset points", va="top", fontsize=7, color="#444444")


def heading(f: plt.Figure, result: Result, text: str) -> None:
    p = result.provenance
    state = "" if result.complete else " (not complete)"
    f.suptitle(f"{p['experiment'].rsplit('/', 1)[-1]}: {text}{state}", fontsize=10.5, x=0.01, ha="left")
