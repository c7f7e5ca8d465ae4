# SPDX-License-Identifier: Apache-2.0
"""The FSTDP studies end as their README says, and weight by weight as an independent simulation of the same events."""
import csv
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

SOURCE = Path(os.environ.get("VOLLEY_SOURCE", Path(__file__).resolve().parents[2]))
VOLLEY = os.environ.get("VOLLEY", SOURCE / "build/release/volley")
STUDIES = SOURCE / "experiments/fstdp"
sys.path[:0] = [str(STUDIES), str(Path(__file__).parent)]
import fstdp_twin  # noqa: E402
import table  # noqa: E402

WEATHER = {"eta": 0.01, "U": 0.4, "tau_F": 600, "tau_plus": 10, "tau_m": 10, "gain": 1.0, "step": 0.05, "f_target": 1.5}
SYNTHETIC = {"eta": 0.005, "U": 0.5, "tau_F": 500, "tau_plus": 20, "tau_m": 10, "gain": 0.15, "step": 0.02, "f_target": 5}
README = (STUDIES / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A study's result file, run once for each choice of options."""
    folder, done = tmp_path_factory.mktemp("studies"), {}

    def run(study, *options):
        if (study, options) not in done:
            out = done[study, options] = folder / f"{len(done)}.h5"
            subprocess.run([VOLLEY, "run", STUDIES / f"{study}.yaml", "--output", out, "--quiet", *options], check=True)
        return done[study, options]
    return run


def rows(first_column):
    """The README's table whose head begins so, {(first cell, or the last that was not empty, rule): {column: text}}."""
    lines = iter(README.splitlines())
    head = next(x for x in lines if x.startswith(f"| {first_column} | rule |"))
    columns, found, name = [c.strip() for c in head.strip("|").split("|")][2:], {}, ""
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            break
        first, rule, *cells = (c.strip() for c in line.strip("|").split("|"))
        name = first or name
        found[name, rule.lower()] = dict(zip(columns, cells))
    assert found
    return found


def holds(stated, table_row):
    """Every number is what came out, to its last digit (one more or less where another processor rounds)."""
    for (column, text), value in zip(stated.items(), table_row.values()):
        digits = len(text.partition(".")[2])
        assert float(text) == pytest.approx(value, abs=1.01 * 10**-digits if digits else 0), column


def variations():
    """{name: options} as the README has them."""
    block = re.search(r"```\n(jitter.*?)```", README, re.S)[1]
    parts = re.split(r"^(\S.*):\n", block, flags=re.M)[1:]
    return {"none": (), **{name: tuple(shlex.split(options)) for name, options in zip(parts[::2], parts[1::2])}}


def inputs(f, populations):
    """Arrivals (ms, 1 ms after the spikes) and units of all input populations, numbered one population after another."""
    sizes = [len(next(w for w in f["weights"].values() if w.attrs["source_population"] == p)["source"]) for p in populations]
    t = np.concatenate([f["spikes"][p]["timestamps"][:] + 1.0 for p in populations])
    u = np.concatenate([f["spikes"][p]["node_ids"][:].astype(int) + o
                        for p, o in zip(populations, np.cumsum([0, *sizes]))])
    order = np.lexsort((u, t))
    return t[order], u[order], sum(sizes)


def agrees(path, populations, constants, thetas):
    with h5py.File(path, "r") as f:
        t, u, size = inputs(f, populations)
        for neuron, theta in thetas.items():
            learned = table.final_weights(f, neuron)
            twin = fstdp_twin.learn(t, u, size, fatigue=neuron == "fstdp", theta=theta, **constants)
            assert np.concatenate([learned[p] for p in populations]) == pytest.approx(twin, abs=1e-4), neuron


@pytest.mark.parametrize("study, place", [("colorado", "Colorado"), ("irish_wind", "Ireland")])
def test_weather_ends_as_the_readme_says(run, study, place):
    table_of = table.study(run(study))
    for rule in ("stdp", "fstdp"):
        holds(rows("study")[place, rule], table_of[rule])


@pytest.mark.parametrize("name", variations())
def test_synthetic_ends_as_the_readme_says(run, name):
    table_of = table.study(run("synthetic", *variations()[name]))
    stated = {rule: row for (variation, rule), row in rows("variation").items() if variation == name}
    assert "fstdp" in stated
    for rule, row in stated.items():
        holds(row, table_of[rule])


def test_every_weight_is_that_of_an_independent_simulation(run):
    agrees(run("colorado"), ["rain"], WEATHER, {"fstdp": 0.35, "stdp": 0.7})
    agrees(run("irish_wind"), ["wind"], WEATHER, {"fstdp": 0.30, "stdp": 0.6})
    agrees(run("synthetic"), ["correlated", "low", "high"], SYNTHETIC, {"fstdp": 0.15, "stdp": 0.8})


# What the studies are for, whatever the seed.

@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_fast_inputs_capture_stdp_but_not_fstdp(run, seed):
    options = ("--seed", seed) if seed != "1" else ()
    t = table.study(run("synthetic", *options))
    assert t["fstdp"]["AUC"] >= 0.98 and t["stdp"]["AUC"] <= 0.5
    t = table.study(run("synthetic", *variations()["jitter of 5 ms"], *options))
    assert t["fstdp"]["AUC"] >= 0.98 and t["stdp"]["AUC"] <= 0.5
    t = table.study(run("synthetic", *variations()["all at 5 Hz, c = 0.3"], *options))
    assert t["fstdp"]["AUC"] >= 0.98 and t["stdp"]["AUC"] >= 0.98


@pytest.mark.parametrize("study", ["colorado", "irish_wind"])
def test_weights_follow_rates_less_and_what_stations_share_more(run, study):
    t = table.study(run(study))
    assert t["fstdp"]["corr(W, rate)"] < t["stdp"]["corr(W, rate)"] - 0.1
    assert t["fstdp"]["corr(W, mean corr.)"] > t["stdp"]["corr(W, mean corr.)"] + 0.1


def test_both_rules_find_the_eastern_plains_of_colorado(run):
    def column(file, name):
        with open(STUDIES / "data" / file, newline="") as lines:
            return [row[name] for row in csv.DictReader(lines)]

    order = list(dict.fromkeys(column("colorado_monthly_1950_1997.csv", "id")))  # units: first appearance
    place = dict(zip(column("colorado_stations.csv", "id"), map(float, column("colorado_stations.csv", "lon"))))
    lon = np.array([place[station] for station in order])
    with h5py.File(run("colorado"), "r") as f:
        for rule in ("fstdp", "stdp"):
            group = table.final_weights(f, rule)["rain"] > 0.5
            assert lon[group].mean() > lon[~group].mean() + 3, rule
