# SPDX-License-Identifier: Apache-2.0
"""GRAPES on the data that `get-data` fetches: at equal rate it is ahead of plain backpropagation, as it must be."""
import os
import subprocess

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
