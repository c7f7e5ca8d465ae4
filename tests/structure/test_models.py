# SPDX-License-Identifier: Apache-2.0
"""A model's name, file and struct agree, it explains itself, and it claims no more than the table says."""
import csv
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ["VOLLEY_SOURCE"])
KINDS = {"neuron": "neurons", "synapse": "synapses", "rule": "plasticity", "stimulator": "devices/stimulators",
         "loss": "plasticity/losses", "optimiser": "plasticity/optimisers",
         "modulator": "plasticity/modulators", "learning_rule": "plasticity/learning_rules"}
FILES = {f: kind for kind, folder in KINDS.items() for f in sorted((ROOT / folder).glob("*.cpp"))}


def volley(*arguments):
    return subprocess.run([os.environ["VOLLEY"], *arguments], check=True, capture_output=True, text=True).stdout


def listed():
    """(kind, name) -> (equations, defaults), as `volley list` shows them."""
    rows = [line.split()[:4] for line in volley("list").splitlines()[1:]]
    return {(kind, name): (equations, defaults) for kind, name, equations, defaults in rows}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_name_file_and_struct_agree(file):
    text = file.read_text()
    struct = "".join(word.capitalize() for word in file.stem.split("_"))
    assert re.search(rf'static constexpr auto name = "{file.stem}";', text)
    assert re.search(rf"^struct {struct} {{", text, re.M)
    assert text.rstrip().endswith(f"VOLLEY_{FILES[file].upper()}({struct})")


def test_every_file_is_a_model_of_the_command():
    assert set(listed()) == {(kind, f.stem) for f, kind in FILES.items()}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_describe_shows_the_whole_top_comment(file):
    shown = volley("describe", file.stem)
    comment = re.match(r"// SPDX[^\n]*\n((?://[^\n]*\n)+)", file.read_text()).group(1)
    for line in comment.splitlines():
        assert line.removeprefix("//").strip() in shown


def test_fidelity_is_what_the_table_says():
    with (ROOT / "tests/models/fidelity.csv").open() as f:
        table = {(row["kind"], row["model"]): (row["equations"], row["defaults"]) for row in csv.DictReader(f)}
    assert listed() == table
