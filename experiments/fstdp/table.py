#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The table of a study: what the two neurons learned, from a result file alone.

    python3 experiments/fstdp/table.py results/colorado.h5
"""
import sys

import h5py
import numpy as np

ROW_MS = 100.0  # network time of a month or a day


def final_weights(f, neuron):
    """{source population: weights at the last sample, by source}."""
    return {w.attrs["source_population"]: w["values"][-1][np.argsort(w["source"][:])]
            for w in f["weights"].values() if w.attrs["target_population"] == neuron}


def auc(higher, lower):
    """Probability that one of `higher` is above one of `lower`."""
    a, b = np.asarray(higher)[:, None], np.asarray(lower)
    return np.mean(a > b) + 0.5 * np.mean(a == b)


def events(f, population, units):
    """True where a unit had an event, [row, unit], over all passes."""
    last = max(w["times"][-1] for w in f["weights"].values())
    e = np.zeros((round(last / ROW_MS), units), bool)
    spikes = f["spikes"][population]
    e[np.rint(spikes["timestamps"][:] / ROW_MS).astype(int), spikes["node_ids"][:]] = True
    return e


def weather(e, w):
    """How a group of stations was chosen: by their rates, or by what they share?"""
    c = np.corrcoef(e.T)
    np.fill_diagonal(c, np.nan)
    group = w > 0.5
    return {"n(W > .5)": int(group.sum()), "corr(W, rate)": np.corrcoef(w, e.mean(0))[0, 1],
            "corr(W, mean corr.)": np.corrcoef(w, np.nanmean(c, 1))[0, 1],
            "corr. inside": np.nanmean(c[np.ix_(group, group)]), "across": np.nanmean(c[np.ix_(group, ~group)])}


def synthetic(w):
    rest = np.concatenate([w["low"], w["high"]])
    return {"W correlated": w["correlated"].mean(), "W low": w["low"].mean(), "W high": w["high"].mean(),
            "AUC": auc(w["correlated"], rest)}


def study(path):
    """{neuron: {column: value}}"""
    table = {}
    with h5py.File(path, "r") as f:
        for neuron in ("stdp", "fstdp"):
            w = final_weights(f, neuron)
            if "correlated" in w:
                table[neuron] = synthetic(w)
            else:
                (population, weights), = w.items()
                table[neuron] = weather(events(f, population, len(weights)), weights)
    return table


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    table = study(sys.argv[1])
    columns = list(next(iter(table.values())))
    print("| rule | " + " | ".join(columns) + " |\n|---" + "|---" * len(columns) + "|")
    for neuron, row in table.items():
        cells = (str(row[c]) if isinstance(row[c], int) else f"{row[c]:.3f}" for c in columns)
        print(f"| {neuron.upper()} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
