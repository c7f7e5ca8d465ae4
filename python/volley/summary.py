# SPDX-License-Identifier: Apache-2.0
"""A short table of what a result file holds."""
from __future__ import annotations

from typing import Iterable, List, Sequence

import numpy as np

from .result import Result


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> List[str]:
    """Lines of a table: the first column to the left, the others to the right."""
    cells = [list(head), *map(list, rows)]
    width = [max(len(row[k]) for row in cells) for k in range(len(head))]
    return ["  " + "  ".join(c.ljust(w) if k == 0 else c.rjust(w) for k, (c, w) in enumerate(zip(row, width)))
            for row in cells]


def time(ms: float) -> str:
    """A time in the unit that suits it."""
    return f"{ms / 1000:.6g} s" if ms >= 1000 else f"{ms:.6g} ms"


def summary(result: Result) -> str:
    """What was run and what was recorded, for people."""
    p = result.provenance
    end = "complete" if result.complete else f"not complete: {p['reason']}"
    lines = [f"{result.path}: {p['experiment']}, seed {p['seed']}, Volley {p['version']}, {end}"]
    if "threads" in p:
        lines.append(f"  {p['neurons']} neurons, {p['synapses']} synapses, {p['threads']} threads, {p['isa']}, "
                     f"{p['wall_time_s']:.3g} s on {p['host']}, {p['start_time']}")
    if result.phases and not result.training_phases and not result.evaluation_phases:
        lines += ["", *table(("phase", "from", "simulated", "took", "spikes", "synaptic events", "external events"),
                             ((f.name, time(f.start_ms), time(f.sim_time_ms), f"{f.simulate_s:.3g} s", str(f.spikes),
                               str(f.synaptic_events), str(f.external_events)) for f in result.phases))]
    lines += _learning(result) + _spikes(result) + _states(result) + _weights(result) + _rates(result)
    lines += [f"warning: {w}" for w in p["warnings"]]
    return "\n".join(lines)


def _learning(result: Result) -> List[str]:
    lines: List[str] = []
    for epochs in map(result.training, result.training_phases):
        columns = [c for c in epochs.columns if c not in ("epoch", "seconds")]
        some = sorted({0, len(epochs) - 1} - {-1})
        rows = [(f"{epochs.phase}, epoch {epochs['epoch'][k]:.0f}", f"{epochs['seconds'][k]:.3g} s",
                 *(f"{epochs[c][k]:.5g}" for c in columns)) for k in some]
        lines += ["", *table(("first and last epoch of", "took", *columns), rows)]
    rows = [(f"{e.phase} ({e.data})", str(len(e.sample)), *(f"{name} {value:.5g}",)) for e in
            map(result.evaluation, result.evaluation_phases) for name, value in e.metrics.items()]
    return lines + (["", *table(("evaluation", "trials", "metric"), rows)] if rows else [])


def _spikes(result: Result) -> List[str]:
    rows = []
    for name in result.spike_records:
        g = result.file["spikes"][name]
        n, units = len(g["timestamps"]), int(g.attrs["count"])
        counts = np.zeros(units, np.int64)
        first, last = np.inf, -np.inf
        for times, ids in result.iter_spikes(name):
            counts += np.bincount(ids - int(g.attrs["first"]), minlength=units)
            first, last = min(first, times[0]), max(last, times[-1])
        span = result.duration
        rate = f"{n / units / span * 1000:.4g} Hz" if units and span else "-"
        silent = f"{np.mean(counts == 0):.1%}" if units else "-"
        rows.append((name, str(units), str(n), rate, silent, time(first) if n else "-", time(last) if n else "-"))
    return ["", *table(("spikes of", "units", "spikes", "mean rate", "silent", "first", "last"), rows)] if rows else []


def _states(result: Result) -> List[str]:
    rows = []
    for population, variable in dict.fromkeys(result.state_records):
        s = result.states(population, variable)
        spread = (f"{s.values.min():.4g}", f"{s.values.mean():.4g}", f"{s.values.max():.4g}") if s.values.size else "---"
        rows.append((f"{population}.{variable} ({s.unit})", str(len(s.ids)), str(len(s.times)), *spread))
    return ["", *table(("states", "neurons", "samples", "least", "mean", "greatest"), rows)] if rows else []


def _weights(result: Result) -> List[str]:
    rows = []
    for name in result.weight_records:
        w = result.weights(name)
        final = w.final()
        spread = [f"{x.mean():.4g}" for x in (w.initial, final)] if len(final) else ["-", "-"]
        range_ = f"{final.min():.4g} .. {final.max():.4g}" if len(final) else "-"
        changes = "-" if w.changes is None else str(len(w.changes.times))
        unit = "" if w.unit == "1" else f" ({w.unit})"
        rows.append((name + unit, str(len(w.source)), str(len(w.times)), changes, *spread, range_))
    head = ("weights of", "synapses", "snapshots", "changes", "mean at start", "mean at end", "range at end")
    return ["", *table(head, rows)] if rows else []


def _rates(result: Result) -> List[str]:
    rows = []
    for name in result.rate_records:
        r = result.rates(name)
        spread = (f"{r.rate.mean():.4g}", f"{r.rate.max():.4g}") if len(r.rate) else "--"
        rows.append((name, f"{r.bin_ms:.6g} ms", str(len(r.rate)), *spread))
    return ["", *table(("rates of (Hz)", "bin", "bins", "mean", "greatest"), rows)] if rows else []
