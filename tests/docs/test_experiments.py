# SPDX-License-Identifier: Apache-2.0
"""Every YAML block of a page is accepted by `volley check`, and docs/experiment-file.md has every key of the schema."""
import json
import os
import re
import subprocess

import h5py
import pages
import pytest
import volley

VOLLEY = os.environ["VOLLEY"]
GRAMMAR = "docs/experiment-file.md"


def yaml_blocks(name):
    return [(name, k) for k, b in enumerate(pages.blocks(pages.manual()[name])) if b.language == "yaml"]


def check(text, folder):
    (folder / "experiment.yaml").write_text(text)
    return subprocess.run([VOLLEY, "check", "experiment.yaml"], cwd=folder, capture_output=True, text=True)


# The models of docs/extending.md are built, and its experiments run, by test_extending.py.
@pytest.mark.parametrize("name, k", [x for name in pages.manual() if name != "docs/extending.md"
                                     for x in yaml_blocks(name)])
def test_a_block_is_accepted(name, k, tmp_path):
    page_blocks = pages.blocks(pages.manual()[name])
    pages.write_files(page_blocks, tmp_path)
    folder = tmp_path
    if page_blocks[k].file:  # its data lie beside the project's own file
        folder = tmp_path / "copy"
        folder.mkdir()
        for entry in (pages.SOURCE / page_blocks[k].file).parent.iterdir():
            (folder / entry.name).symlink_to(entry)
    result = check(pages.whole(page_blocks[k], page_blocks), folder)
    assert result.returncode == 0, f"{name}:{page_blocks[k].line}\n{result.stderr}"
    assert "warning" not in result.stderr or "are missing" in result.stderr, result.stderr


# What the pages of docs/models leave open, `...`; what they need in one of several ways; what they need beside them.
OPEN = {"data": "data.image", "weight": "0.5 mV", "rate": "5 Hz", "c": "0.5", "period": "10 ms", "sd": "1 pA",
        "times": "[0 ms]", "currents": "[1 pA]", "file": "series.csv, columns: [a, b], threshold: 1", "time_per_row": "1 ms"}
NEEDS = {"spikes": {"size: 100": "size: 1, parameters: {times: [[1 ms]]}"},
         "poisson_inhomogeneous": {"size: 100": "size: 100, parameters: {times: [0 ms], rates: [5 Hz]}"},
         "events_from_series": {"size: 100": "size: 2"},
         "noise": {"\n  P:": "\n  clocked: {neuron: izhikevich, size: 1}\n  P:"}}
AROUND = "volley: 1\nduration: 10 ms\npopulations:\n  P: {neuron: lif, size: 4}\n  Q: {neuron: lif, size: 4}\n"
MODELS = {os.path.basename(name)[:-3]: text for name, text in pages.pages().items() if name.startswith("docs/models/")}


# Of networks that learn: losses, optimisers, units, and stimulators that present data.
TRIALS = """\
volley: 1
tick: 1 ms
datasets: {data: {csv_images: {file: d.csv, shape: [4]}, split: {train: 2}}}
populations: {P: {neuron: readout, size: 4}}
learning: {L: {rule: bptt, loss: {mse_rate: {of: P, target: data.label}}, optimiser: sgd}}
phases: [{train: {data: data.train, learning: L, trial: 5 ticks}}]
"""


def in_trials(model, text):
    around = TRIALS
    if "/stimulators/" in MODELS[model]:
        text = text.replace("size: 100", "size: 4").replace("\n  P:", "\n  out: {neuron: readout, size: 4}\n  P:")
        around = around.replace("of: P", "of: out")
    if "data.next" in text:
        around = around.replace("csv_images: {file: d.csv, shape: [4]}, split: {train: 2}", "piano_roll: {file: d.h5}, split: file")
        around = around.replace("5 ticks", "sample")
    return pages.merge(around, text)


@pytest.mark.parametrize("model", sorted(set(MODELS) - {"README"}))
def test_a_models_page_shows_how_it_is_used(model, tmp_path):
    (tmp_path / "series.csv").write_text("a,b\n1,0\n0,1\n")
    (tmp_path / "d.csv").write_text("0,0,0,1,0\n1,0,0,1,1\n")
    with h5py.File(tmp_path / "d.h5", "w") as f:
        for split in ("train", "valid", "test"):
            f[f"{split}/roll"], f[f"{split}/lengths"] = [[0, 1, 0, 1]] * 3, [3]
    (block,) = [b for b in pages.blocks(MODELS[model]) if b.language == "yaml"]
    text = re.sub(r"(\w+): \.\.\.", lambda m: f"{m[1]}: {OPEN[m[1]]}", block.text)
    for old, new in NEEDS.get(model, {}).items():
        assert old in text
        text = text.replace(old, new)
    learns = "* form: unit" in MODELS[model] or "learning:" in text or "data: data." in text
    result = check(in_trials(model, text) if learns else pages.merge(AROUND, text), tmp_path)
    assert result.returncode == 0, result.stderr


SCHEMA = json.loads(subprocess.run([VOLLEY, "schema"], check=True, capture_output=True, text=True).stdout)


def keys_of(schema):
    """All keys and fixed values below a part of the schema, models and their parameters left out."""
    found = set()
    if isinstance(schema, dict):
        for key, value in schema.get("properties", {}).items():
            found.add(key)
            if key not in ("neuron", "stimulator", "parameters", "synapse", "plasticity", "loss", "optimiser", "modulator", "rule"):
                found |= keys_of(value)
        for key in ("anyOf", "items", "additionalProperties"):
            values = schema.get(key, [])
            for value in values if isinstance(values, list) else [values]:
                found |= keys_of(value)
        found |= {v for v in schema.get("enum", []) if isinstance(v, str)}
    return found


def test_the_page_has_every_key_and_no_other():
    accepted = keys_of(SCHEMA) | keys_of(SCHEMA["$defs"]["distribution"])
    text = pages.prose(pages.manual()[GRAMMAR])
    written = set(re.findall(r"`(\w+)`", text))
    assert accepted - written == set(), "keys that the page does not explain"
    first_cells = {code for cell in re.findall(r"^\| ([^|]*) \|", text, re.M) for code in re.findall(r"`(\w+)`", cell)}
    assert first_cells - accepted - {"simulate"} == set(), "keys that there are not"


def test_what_is_refused_is_refused(tmp_path):
    """The section "Not in this version" is true, name by name."""
    page_blocks = pages.blocks(pages.manual()[GRAMMAR])
    text = pages.prose(pages.manual()[GRAMMAR])
    section = re.search(r"^## Not in this version\n(.*?)^## ", text, re.M | re.S)[1]
    later = set(re.findall(r"`(\w+)`", section)) - {"ideal", "float32"}
    tries = {
        "rest": "phases: [{rest: 1 s}]\n", "memories": "memories: {}\n",
        **{k: f"projections: [{{from: E, to: I, connect: all_to_all, weight: 1 pA, delay: 1 ms, {k}: x}}]\n"
           for k in ("memory", "storage")},
        "devices": "record: {devices: [E]}\n"}
    assert later == set(tries) - {"devices"}
    for name, fragment in tries.items():
        base = next(b.text for b in page_blocks if b.language == "yaml")
        result = check(pages.merge(base, fragment), tmp_path)
        assert result.returncode == 2 and "comes in a later version" in result.stderr, (name, result.stderr)


@pytest.mark.parametrize("connect, by", [("all_to_all", "target"), ("{fixed_outdegree: {outdegree: 3, allow_multapses: false}}",
                                                                    "source")])
def test_values_are_taken_in_the_order_that_the_page_tells(connect, by, tmp_path):
    (tmp_path / "values.yaml").write_text(
        "volley: 1\nduration: 1 ms\npopulations:\n  a: {neuron: lif, size: 2}\n  b: {neuron: lif, size: 3}\nprojections:\n"
        f"  - {{from: a, to: b, connect: {connect}, delay: 1 ms,\n"
        "     weight: {values: [0 mV, 1 mV, 2 mV, 3 mV, 4 mV, 5 mV]}}\nrecord: {weights: a->b}\n")
    subprocess.run([VOLLEY, "run", "values.yaml", "--quiet"], cwd=tmp_path, check=True)
    with volley.read(tmp_path / "results/values.h5") as result:
        w = result.weights("a->b")
    place = w.target * 2 + w.source if by == "target" else w.source * 3 + w.target
    assert w.initial.tolist() == place.tolist()
