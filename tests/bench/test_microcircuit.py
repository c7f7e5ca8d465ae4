# SPDX-License-Identifier: Apache-2.0
"""The microcircuit: the shipped files are what the script writes, the published numbers are in them, and a tenth of the
network has the full network's rates."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import volley
import yaml

VOLLEY = os.environ["VOLLEY"]
BENCHMARKS = Path(os.environ["VOLLEY_SOURCE"]) / "experiments/benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import make_microcircuit as circuit  # noqa: E402


@pytest.mark.parametrize("file, options", [("microcircuit.yaml", []),
                                           ("microcircuit_poisson.yaml", ["--drive", "poisson"])])
def test_the_shipped_files_are_the_scripts_output(file, options):
    printed = subprocess.run([sys.executable, BENCHMARKS / "make_microcircuit.py", *options], check=True,
                             capture_output=True, text=True).stdout
    assert printed == (BENCHMARKS / file).read_text()


def test_the_full_network_is_the_published_one():
    network = yaml.safe_load(circuit.experiment())
    sizes = {name: p["size"] for name, p in network["populations"].items()}
    assert sum(sizes.values()) == 77169
    projections = network["projections"]
    assert len(projections) == 55  # nine of 64 pairs are not connected
    number = {(p["from"], p["to"]): p["connect"]["fixed_total_number"]["number"] for p in projections}
    assert sum(number.values()) == pytest.approx(2.99e8, rel=1e-3)
    # Drawn with replacement, so many synapses connect a pair with the published probability.
    pairs = sizes["L4I"] * sizes["L4E"]
    assert 1 - (1 - 1 / pairs) ** number["L4I", "L4E"] == pytest.approx(0.135, rel=1e-6)
    currents = [p["parameters"]["I_e"] for p in network["populations"].values()]
    assert currents[0] == "561.92 pA" and currents[6] == "1018.48 pA"  # 1600 and 2900 * 8 Hz * 0.5 ms * 87.8 pA
    means = {(p["from"], p["to"]): p["weight"]["normal"]["mean"] for p in projections}
    pairs = ("L23E", "L4E"), ("L4E", "L23E"), ("L6I", "L6E")
    assert [means[pair] for pair in pairs] == ["87.8 pA", "175.6 pA", "-351.2 pA"]


@pytest.mark.parametrize("drive", ["dc", "poisson"])
def test_smaller_in_degrees_change_neither_mean_nor_variance_of_the_input(drive):
    """Of every population, at the full network's rates; summed from the files alone."""
    def quantity(text):
        return float(text.split()[0])

    def input_of(network, target):
        size = network["populations"][target]["size"]
        mean, variance = quantity(network["populations"][target]["parameters"]["I_e"]), 0.0
        for p in network["projections"]:
            if p["to"] != target:
                continue
            if p["connect"] == "one_to_one":
                w, arrivals = quantity(p["weight"]), quantity(network["populations"][p["from"]]["parameters"]["rate"])
            else:
                rate = circuit.RATES[drive][circuit.POPULATIONS.index(p["from"])]
                w = quantity(p["weight"]["normal"]["mean"])
                arrivals = p["connect"]["fixed_total_number"]["number"] / size * rate
            mean += 0.0005 * w * arrivals
            variance += w * w * arrivals
        return mean, variance

    full, tenth = (yaml.safe_load(circuit.experiment(drive, 1.0, k)) for k in (1.0, 0.1))
    for target in circuit.POPULATIONS:
        assert input_of(tenth, target) == pytest.approx(input_of(full, target), rel=1e-3)


def test_a_tenth_of_the_network_has_the_published_rates(tmp_path):
    """Half of the inputs of each neuron, since a tenth of them is too few for the rate of L23E."""
    spikes = "{" + ", ".join(f"{name}: {{phases: measure}}" for name in circuit.POPULATIONS) + "}"
    (tmp_path / "small.yaml").write_text(circuit.experiment("poisson", 0.1, 0.5))
    subprocess.run([VOLLEY, "run", "small.yaml", "--quiet", "--set", f"record.spikes={spikes}"], cwd=tmp_path,
                   check=True)
    with volley.read(tmp_path / "results/small.h5") as result:
        rates = [len(result.spikes(name).ids) / result.populations[name].size for name in circuit.POPULATIONS]  # 1 s
    assert rates == pytest.approx(circuit.RATES["poisson"], rel=0.15)
