# SPDX-License-Identifier: Apache-2.0
"""The experiments of units with axo-somatic and axo-axonic synapses: their sizes, and that all of them learn."""
import csv
import os
import subprocess
import sys

import pytest

VOLLEY, SOURCE = os.environ["VOLLEY"], os.environ["VOLLEY_SOURCE"]
FOLDER = os.path.join(SOURCE, "experiments", "axo")
UNITS = {"snu": (150, 1), "ssnu": (150, 1), "ssnu_a": (104, 2), "ssnu_o": (104, 2), "gru": (82, 3), "lstm": (68, 4)}
NUMBERS = 49_138  # of 150 units of ssnu


@pytest.fixture(autouse=True)
def data():
    if not any(os.path.exists(os.path.join(f, "jsb_chorales.h5")) for f in os.environ.get("VOLLEY_DATA", "").split(":")):
        pytest.skip("VOLLEY_DATA names no folder with jsb_chorales.h5; `python3 -m volley get-data jsb` fetches it")


def volley(command, unit, *options):
    return subprocess.run([VOLLEY, command, os.path.join(FOLDER, unit + ".yaml"), *options], check=True,
                          capture_output=True, text=True).stdout


def trained(unit, size):
    said = volley("check", unit, "--set", "sweep={}", "--set", f"populations.hidden.size={size}")
    return int(said.split("trained")[1].split()[0])


@pytest.mark.parametrize("unit", UNITS)
def test_sizes_are_as_the_page_says(unit):
    size, matrices = UNITS[unit]
    assert abs(trained(unit, size) - NUMBERS) < 0.01 * NUMBERS
    assert all(abs(trained(unit, size) - NUMBERS) <= abs(trained(unit, size + d) - NUMBERS) for d in (-1, 1))
    layer = trained(unit, 150) - (150 * 88 + 88)
    assert layer == pytest.approx(matrices * (88 * 150 + 150 * 150), abs=4 * 150)


def test_the_table_is_made_of_the_sweeps(tmp_path):
    """Small layers for four epochs each: both know more than notes' frequencies, 11.1, and are in the table."""
    for unit in ("ssnu_o", "ssnu"):
        volley("run", unit, "--quiet", "--output", str(tmp_path / (unit + ".h5")), "--set", "sweep.seed=[1, 2]", "--set",
               "sweep.populations.hidden.size=[30]", "--set", "sweep.learning.backprop.optimiser.adam.rate=[0.003, 0.0003]",
               "--set", "phases.0.train.epochs=4")
    said = subprocess.run([sys.executable, os.path.join(FOLDER, "table.py"), "ssnu_o.csv", "ssnu.csv"], cwd=tmp_path,
                          check=True, capture_output=True, text=True).stdout.splitlines()
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in said[2:]]
    for (unit, units, numbers, layer, rate, valid, test, mean), matrices in zip(cells, (2, 1)):
        assert units == "30" and rate == "0.003"  # the slower one is behind after four epochs
        assert int(numbers.replace(",", "")) == matrices * (88 * 30 + 30 * 30 + 30) + 30 * 88 + 88
        assert float(layer) == pytest.approx(matrices * (88 * 30 + 30 * 30 + 30) / 143_400, abs=0.006)
        assert float(valid) < 11.0
        with open(tmp_path / (unit + ".csv"), encoding="utf-8") as f:
            rows = {(r["seed"], r["learning.backprop.optimiser.adam.rate"]): float(r["test nll_per_step"])
                    for r in csv.DictReader(f)}
        assert [float(x) for x in test.split(", ")] == pytest.approx([rows["1", "0.003"], rows["2", "0.003"]], abs=5e-4)
        assert float(mean.split(", ")[0]) == pytest.approx((rows["1", "0.003"] + rows["2", "0.003"]) / 2, abs=1e-3)
    assert [c[0] for c in cells] == ["ssnu_o", "ssnu"]
