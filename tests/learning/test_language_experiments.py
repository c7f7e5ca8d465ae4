# SPDX-License-Identifier: Apache-2.0
"""The language models: sizes, that they learn more than pairs of characters in an epoch, and the tables of their page."""
import math
import os
import subprocess
import sys

import pytest
import volley

VOLLEY, SOURCE = os.environ["VOLLEY"], os.environ["VOLLEY_SOURCE"]
FOLDER = os.path.join(SOURCE, "experiments", "language")


def output(*command, cwd=None):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout


@pytest.mark.parametrize("unit, numbers", [("ssnu", 40_765), ("lstm", 40_328), ("snu", 32_189)])
def test_sizes_are_as_the_page_says(unit, numbers):
    said = output(VOLLEY, "check", os.path.join(FOLDER, unit + ".yaml"), "--set", "sweep={}")
    assert int(said.split("trained")[1].split()[0]) == numbers
    assert "157 samples of genesis.train" in said and "19 samples of genesis.test" in said


def baselines():
    return output(sys.executable, os.path.join(FOLDER, "baselines.py")).splitlines()


def test_the_page_has_what_counting_gives():
    with open(os.path.join(FOLDER, "README.md"), encoding="utf-8") as f:
        page = f.read()
    lines = baselines()
    assert len(lines) == 5
    for line in lines[2:]:
        name, _, test, perplexity = (c.strip() for c in line.strip("|").split("|"))
        assert f"| {name} |" in page and test in page and perplexity in page


def test_an_epoch_teaches_more_than_pairs_and_is_in_the_table(tmp_path):
    output(VOLLEY, "run", os.path.join(FOLDER, "ssnu.yaml"), "--quiet", "--output", "ssnu.h5", "--set", "sweep.seed=[1, 2]",
           "--set", "phases.0.train.epochs=1", cwd=tmp_path)
    table = output(sys.executable, os.path.join(FOLDER, "table.py"), "ssnu.csv", cwd=tmp_path).splitlines()
    unit, numbers, valid, test, mean, perplexity = (c.strip() for c in table[2].strip("|").split("|"))
    assert (unit, numbers) == ("ssnu", "40,765")
    bits = []
    for k in (1, 2):
        with volley.read(tmp_path / f"ssnu-{k}.h5") as result:
            bits.append(result.evaluation("test").metrics["nll_per_step"] / math.log(2))
    assert [float(x) for x in test.split(",")] == pytest.approx(bits, abs=6e-4)
    assert float(mean.split(",")[0]) == pytest.approx(sum(bits) / 2, abs=6e-4)
    assert float(perplexity) == pytest.approx(2 ** (sum(bits) / 2), abs=6e-3)
    bigram = float(baselines()[3].strip("|").split("|")[2])
    assert max(*bits, float(valid)) < bigram
