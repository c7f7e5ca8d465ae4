# SPDX-License-Identifier: Apache-2.0
"""The FSTDP studies end as their README says, and weight by weight as an independent simulation of the same events."""
import os
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
CORRELATED = "populations.correlated.parameters"


def run(tmp_path, study, *settings, seed=1):
    out = tmp_path / f"{study}.h5"
    sets = [x for s in settings for x in ("--set", s)]
    subprocess.run([VOLLEY, "run", STUDIES / f"{study}.yaml", "--output", out, "--seed", str(seed), "--quiet", *sets], check=True)
    return out


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


def test_colorado(tmp_path):
    out = run(tmp_path, "colorado")
    t = table.study(out)
    assert t["fstdp"]["n(W > .5)"] == 44 and t["stdp"]["n(W > .5)"] == 38
    assert t["fstdp"]["corr(W, rate)"] == pytest.approx(0.155, abs=0.01)
    assert t["stdp"]["corr(W, rate)"] == pytest.approx(0.363, abs=0.01)
    assert t["fstdp"]["corr(W, mean corr.)"] == pytest.approx(0.880, abs=0.01)
    assert t["stdp"]["corr(W, mean corr.)"] == pytest.approx(0.733, abs=0.01)
    agrees(out, ["rain"], WEATHER, {"fstdp": 0.35, "stdp": 0.7})


def test_irish_wind(tmp_path):
    out = run(tmp_path, "irish_wind")
    t = table.study(out)
    assert t["fstdp"]["corr(W, rate)"] < t["stdp"]["corr(W, rate)"] - 0.1
    assert t["fstdp"]["corr(W, mean corr.)"] > t["stdp"]["corr(W, mean corr.)"] + 0.3
    agrees(out, ["wind"], WEATHER, {"fstdp": 0.30, "stdp": 0.6})


def test_fast_inputs_capture_stdp_but_not_fstdp(tmp_path):
    out = run(tmp_path, "synthetic")
    t = table.study(out)
    assert t["fstdp"]["AUC"] >= 0.98 and t["stdp"]["AUC"] <= 0.5
    agrees(out, ["correlated", "low", "high"], SYNTHETIC, {"fstdp": 0.15, "stdp": 0.8})


def test_jitter_of_5_ms_is_no_obstacle(tmp_path):
    t = table.study(run(tmp_path, "synthetic", f"{CORRELATED}.jitter=5 ms", seed=2))
    assert t["fstdp"]["AUC"] >= 0.98 and t["stdp"]["AUC"] <= 0.5


def test_both_find_the_correlated_inputs_at_equal_rates(tmp_path):
    t = table.study(run(tmp_path, "synthetic", "populations.high.parameters.rate=5 Hz", f"{CORRELATED}.c=0.3",
                        "projections.1.plasticity.fstdp.theta=0.25"))
    assert t["fstdp"]["AUC"] >= 0.98 and t["stdp"]["AUC"] >= 0.98
