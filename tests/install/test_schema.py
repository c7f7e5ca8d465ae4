# SPDX-License-Identifier: Apache-2.0
"""`volley schema`: a correct JSON Schema that accepts every shipped experiment and refuses wrong ones where they are
wrong. An editor reads it with a JSON Schema library and a YAML reader that are not ours; so does this test."""
import copy
import json
import os
import subprocess
from pathlib import Path

import h5py
import jsonschema
import pytest
import yaml

VOLLEY, ROOT = os.environ["VOLLEY"], Path(os.environ["VOLLEY_SOURCE"])
SHIPPED = sorted([*(ROOT / "experiments").rglob("*.yaml"), *(ROOT / "tests/models").glob("*.yaml")])
GOOD = yaml.safe_load("""\
volley: 1
seed: 5
duration: 100 ms
populations:
  drive: {stimulator: poisson, size: 4, parameters: {rate: 1e3 Hz}}
  cells: {neuron: lif, size: 4, parameters: {V_th: {normal: [-50 mV, 1 mV]}}}
projections:
  - {from: drive, to: cells, connect: one_to_one, weight: 30 mV, delay: 1 ms}
  - {from: cells, to: cells, connect: {fixed_indegree: {indegree: 2}}, weight: 0.1 mV, delay: 2 ms,
     plasticity: {stdp: {pairing: all_to_all}}}
record:
  spikes: [drive, cells]
  states: {cells: {variables: [V], every: 1 ms}}
""")


@pytest.fixture(scope="module")
def schema():
    return json.loads(subprocess.run([VOLLEY, "schema"], check=True, capture_output=True, text=True).stdout)


@pytest.fixture(scope="module")
def validator(schema):
    return jsonschema.validators.validator_for(schema)(schema)


def test_it_is_correct_in_the_draft_that_it_names(schema):
    kind = jsonschema.validators.validator_for(schema, default=None)
    assert kind is jsonschema.Draft202012Validator
    kind.check_schema(schema)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda f: str(f.relative_to(ROOT)))
def test_shipped_experiments_are_accepted(validator, file):
    assert [e.message for e in validator.iter_errors(yaml.safe_load(file.read_text()))] == []


def test_the_resolved_file_of_a_run_is_accepted(validator, tmp_path):
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(GOOD))
    subprocess.run([VOLLEY, "run", "good.yaml", "--quiet", "--output", "out.h5"], cwd=tmp_path, check=True)
    with h5py.File(tmp_path / "out.h5") as f:
        resolved = yaml.safe_load(f["provenance/resolved"][()])
    assert resolved["populations"]["cells"]["parameters"]["tau_m"] == "20 ms"
    validator.validate(resolved)


def changed(path, value):
    """GOOD with one leaf set, or removed (None)."""
    e = copy.deepcopy(GOOD)
    at = e
    for key in path[:-1]:
        at = at[key]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return e


CELLS, FIRST = ("populations", "cells"), ("projections", 0)
WRONG = [  # what is changed, and the place that is complained of
    (("projektions",), [], ()),
    (("volley",), 2, ("volley",)),
    (("volley",), None, ()),
    (("populations",), None, ()),
    (("seed",), -1, ("seed",)),
    (("duration",), "100", ("duration",)),
    (("duration",), "100ms", ("duration",)),
    (("phases",), [{"simulate": "1 s"}], ()),  # and `duration`
    ((*CELLS, "size"), 0, (*CELLS, "size")),
    ((*CELLS, "size"), "ten", (*CELLS, "size")),
    ((*CELLS, "neuron"), "lfi", (*CELLS, "neuron")),
    ((*CELLS, "stimulator"), "poisson", CELLS),  # and `neuron`
    ((*CELLS, "parameters", "tau"), "20 ms", (*CELLS, "parameters")),
    ((*CELLS, "parameters", "tau_m"), 20, (*CELLS, "parameters", "tau_m")),
    ((*CELLS, "parameters", "tau_m"), {"norml": [1, 2]}, (*CELLS, "parameters", "tau_m")),
    ((*CELLS, "parameters", "tau_m"), {"normal": ["20 ms"]}, (*CELLS, "parameters", "tau_m")),
    (("populations", "drive", "parameters", "rate"), None, ("populations", "drive", "parameters")),
    ((*FIRST, "connect"), None, FIRST),
    ((*FIRST, "connect"), "one_to_on", (*FIRST, "connect")),
    ((*FIRST, "connect"), {"fixed_indegree": {"outdegree": 2}}, (*FIRST, "connect")),
    ((*FIRST, "connect"), {"pairwise_bernoulli": {"p": 1.5}}, (*FIRST, "connect")),
    ((*FIRST, "to"), None, FIRST),
    ((*FIRST, "delay"), 1, (*FIRST, "delay")),
    (("projections", 1, "plasticity", "stdp", "pairing"), "nearest", ("projections", 1, "plasticity")),
    (("record", "spike"), ["cells"], ("record",)),
    (("record", "states", "cells", "evry"), "1 ms", ("record", "states")),
]


def test_the_example_is_accepted(validator):
    validator.validate(GOOD)


@pytest.mark.parametrize("path, value, place", WRONG)
def test_what_is_wrong_is_refused_at_its_place(validator, path, value, place):
    found = {tuple(e.absolute_path) for e in validator.iter_errors(changed(path, value))}
    assert place in found
