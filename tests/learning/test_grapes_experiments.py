# SPDX-License-Identifier: Apache-2.0
"""GRAPES on the data that `get-data` fetches: at equal rate it is ahead of plain backpropagation, as it must be. What
forgetting.py prints of two tasks: both are learnt, and the second takes part of the first."""
import os
import re
import subprocess
import sys

import numpy as np
import pytest
import volley

VOLLEY, SOURCE = os.environ["VOLLEY"], os.environ["VOLLEY_SOURCE"]
FILE = "t10k-images-idx3-ubyte.gz"
FOLDERS = os.environ.get("VOLLEY_DATA", "").split(":")


def accuracy(folder, modulator):
    subprocess.run([VOLLEY, "run", os.path.join(SOURCE, "experiments/grapes/mnist.yaml"), "--output", "r.h5", "--quiet",
                    "--overwrite", "--set", "sweep={}", "--set", f"learning.sgd.modulator={modulator}"],
                   cwd=folder, check=True)
    with volley.read(folder / "r.h5") as result:
        return 100 * result.evaluation("test").metrics["accuracy"]


@pytest.mark.skipif(not any(os.path.exists(os.path.join(f, FILE)) for f in FOLDERS),
                    reason=f"VOLLEY_DATA names no folder with {FILE}; `python3 -m volley get-data` fetches it")
def test_grapes_is_ahead_at_equal_rate(tmp_path):
    none, grapes = accuracy(tmp_path, "none"), accuracy(tmp_path, "grapes")
    assert none > 85 and grapes >= none + 1.5


def digits(file):
    table = np.loadtxt(os.path.join(SOURCE, "experiments", file), delimiter=",", dtype=int)
    return table[:, :64], table[:, 64]


def test_permuted_digits_are_the_same_images():
    images, labels = digits("snu/data/digits.csv.gz")
    permuted, same_labels = digits("grapes/data/permuted.csv.gz")
    assert (labels == same_labels).all()
    columns = sorted(map(tuple, images.T))
    assert sorted(map(tuple, permuted.T)) == columns and (permuted != images).any()


def test_a_second_task_takes_part_of_the_first(tmp_path):
    said = subprocess.run([sys.executable, os.path.join(SOURCE, "experiments/grapes/forgetting.py"), VOLLEY, "1"],
                          cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    rows = [[float(x) for x in re.findall(r"[\d.]+", line)] for line in said.splitlines()[2:]]
    assert len(rows) == 8 and not list(tmp_path.iterdir())
    for rate, first, second, then in rows:
        assert first > 80 and second > 80, rate
        assert 30 < then < first - 10, rate  # a tenth would be all forgotten
