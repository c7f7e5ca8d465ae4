# SPDX-License-Identifier: Apache-2.0
"""A result file as strangers read it: every dataset and attribute with h5py, SONATA's demands, and docs/results.md."""
import os
import re

import h5py
import numpy as np
import pytest

from volley.validate import validate

SOURCE = os.environ["VOLLEY_SOURCE"]

# Every attribute of every object: (type, shape, value or None for any).
TEXT = "text"
UNITS = {
    "/spikes/E/timestamps": "ms", "/spikes/E#2/timestamps": "ms", "/spikes/drive/timestamps": "ms",
    "/report/E/data": "mV", "/report/E.I_syn/data": "pA", "/report/E.V/data": "mV",
    "/weights/drive->E/delay": "ms", "/weights/drive->E/initial": "1", "/weights/drive->E/times": "ms",
    "/weights/drive->E/values": "1", "/weights/drive->E/changes/times": "ms", "/weights/drive->E/changes/weight": "1",
    "/weights/a%2Fb/delay": "ms", "/weights/a%2Fb/initial": "mV", "/weights/a%2Fb/times": "ms",
    "/weights/a%2Fb/values": "mV", "/rates/E/rate": "Hz", "/rates/E/times": "ms",
    **{f"/report/{r}/{d}": "ms" for r in ("E", "E.I_syn", "E.V") for d in ("times", "mapping/time")},
}
ATTRIBUTES = {
    "/": {"magic": ("uint32", (), 0x0A7A), "version": ("uint32", (2,), [0, 1]), "volley_format": ("uint32", (), 1)},
    "/spikes/E": {"sorting": ("uint8", (), 2), "first": ("uint64", (), 0), "count": ("uint64", (), 4)},
    "/spikes/E#2": {"sorting": ("uint8", (), 2), "first": ("uint64", (), 1), "count": ("uint64", (), 2)},
    "/spikes/drive": {"sorting": ("uint8", (), 2), "first": ("uint64", (), 0), "count": ("uint64", (), 3)},
    "/report/E": {"population": (TEXT, (), "E"), "variable": (TEXT, (), "V")},
    "/report/E.I_syn": {"population": (TEXT, (), "E"), "variable": (TEXT, (), "I_syn")},
    "/report/E.V": {"population": (TEXT, (), "E"), "variable": (TEXT, (), "V")},
    "/report/E/mapping/node_ids": {"sorted": ("uint8", (), 1)},
    "/report/E.I_syn/mapping/node_ids": {"sorted": ("uint8", (), 1)},
    "/report/E.V/mapping/node_ids": {"sorted": ("uint8", (), 0)},
    "/weights/drive->E": {"projection": (TEXT, (), "drive->E"), "source_population": (TEXT, (), "drive"),
                          "target_population": (TEXT, (), "E"), "plastic": ("uint64", (), 1),
                          "gain": ("float64", (), 0.5), "gain_units": (TEXT, (), "mV")},
    "/weights/a%2Fb": {"projection": (TEXT, (), "a/b"), "source_population": (TEXT, (), "drive"),
                       "target_population": (TEXT, (), "E"), "plastic": ("uint64", (), 0)},
    "/rates/E": {"first": ("uint64", (), 0), "count": ("uint64", (), 4), "bin_ms": ("float64", (), 10.0)},
    "/provenance": {
        "complete": ("uint8", (), 1), "reason": (TEXT, (), ""), "version": (TEXT, (), None),
        "experiment": (TEXT, (), "sample.yaml"), "seed": ("uint64", (), 2**64 - 1), "host": (TEXT, (), None),
        "start_time": (TEXT, (), None), "wall_time_s": ("float64", (), None), "isa": (TEXT, (), "avx2"),
        "threads": ("uint64", (), 2), "neurons": ("uint64", (), 4), "synapses": ("uint64", (), 3),
        "bytes_per_synapse": ("float64", (), 6.0), "build_s": ("float64", (), 0.5),
        "peak_rss_mb": ("float64", (), 42.0), "window_ms": ("float64", (), 1.0)},
    **{name: {"units": (TEXT, (), unit)} for name, unit in UNITS.items()},
}
DATASETS = {
    **{f"/spikes/{p}/timestamps": ("float64", (n,)) for p, n in (("E", 90), ("E#2", 30), ("drive", 0))},
    **{f"/spikes/{p}/node_ids": ("uint64", (n,)) for p, n in (("E", 90), ("E#2", 30), ("drive", 0))},
    **{f"/report/{r}/{d}": kind for r, t, n in (("E", 6, 4), ("E.I_syn", 6, 4), ("E.V", 8, 2)) for d, kind in {
        "data": ("float32", (t, n)), "times": ("float64", (t,)), "mapping/node_ids": ("uint64", (n,)),
        "mapping/index_pointers": ("uint64", (n + 1,)), "mapping/element_ids": ("uint32", (n,)),
        "mapping/time": ("float64", (3,))}.items()},
    **{f"/weights/{p}/{d}": kind for p, t, m in (("drive->E", 3, 3), ("a%2Fb", 1, 0)) for d, kind in {
        "source": ("uint32", (m,)), "target": ("uint32", (m,)), "delay": ("float64", (m,)),
        "initial": ("float32", (m,)), "times": ("float64", (t,)), "values": ("float32", (t, m))}.items()},
    "/weights/drive->E/changes/times": ("float64", (4,)), "/weights/drive->E/changes/synapse": ("uint64", (4,)),
    "/weights/drive->E/changes/weight": ("float32", (4,)),
    "/rates/E/rate": ("float64", (3,)), "/rates/E/times": ("float64", (3,)),
    "/provenance/source": (TEXT, ()), "/provenance/resolved": (TEXT, ()), "/provenance/command": (TEXT, (3,)),
    "/provenance/warnings": (TEXT, (3,)), "/provenance/plugins": ("table", (1,)),
    "/provenance/phases": ("table", (2,)), "/provenance/populations/models": ("table", (2,)),
    "/provenance/populations/size": ("uint64", (2,)),
}


def objects(file):
    found = {"/": file}
    file.visititems(lambda name, o: found.__setitem__("/" + name, o))
    return found


def test_every_dataset_is_as_declared(sample):
    with h5py.File(sample, "r") as file:
        datasets = {k: o for k, o in objects(file).items() if isinstance(o, h5py.Dataset)}
        assert sorted(datasets) == sorted(DATASETS)
        for name, (kind, shape) in DATASETS.items():
            d = datasets[name]
            assert d.shape == shape, name
            if kind == TEXT:
                assert h5py.check_string_dtype(d.dtype).encoding == "utf-8", name
            elif kind == "table":
                assert d.dtype.names, name
            else:
                assert d.dtype == np.dtype(kind), name
            assert np.shape(d[()]) == shape, name  # reads


def test_every_attribute_is_as_declared(sample):
    with h5py.File(sample, "r") as file:
        for name, o in objects(file).items():
            declared = ATTRIBUTES.get(name, {})
            assert sorted(o.attrs) == sorted(declared), name
            for key, (kind, shape, value) in declared.items():
                attr = o.attrs.get_id(key)
                if kind == TEXT:
                    t = attr.get_type()
                    assert t.is_variable_str() and t.get_cset() == h5py.h5t.CSET_UTF8, (name, key)
                else:
                    assert np.dtype(attr.dtype.base) == np.dtype(kind) and attr.shape == shape, (name, key)
                if value is not None:
                    assert np.array_equal(o.attrs[key], value), (name, key)


def test_sorting_is_the_enum_that_libsonata_reads(sample):
    with h5py.File(sample, "r") as file:
        attr = file["spikes/E"].attrs.get_id("sorting")
        assert h5py.check_enum_dtype(attr.dtype) == {"none": 0, "by_id": 1, "by_time": 2}
        assert attr.get_type().get_super().get_size() == 1


def test_children_of_spikes_and_report_are_populations(sample):
    with h5py.File(sample, "r") as file:
        for p in file["spikes"].values():
            assert sorted(p) == ["node_ids", "timestamps"]
        for r in file["report"].values():  # what libsonata's ReportReader asks of one
            ids, pointers = r["mapping/node_ids"][()], r["mapping/index_pointers"][()]
            assert len(pointers) == len(ids) + 1 and pointers[-1] == r["data"].shape[1]
            start, stop, step = r["mapping/time"][()]
            assert len(np.arange(start, stop - 1e-6, step)) <= r["data"].shape[0]


def test_texts_and_tables(sample):
    with h5py.File(sample, "r") as file:
        p = file["provenance"]
        assert p["source"].asstr()[()] == "volley: 1\n# été\n"
        assert list(p["command"].asstr()[()]) == ["volley", "run", "sample.yaml"]
        assert [r["name"].decode() for r in p["phases"][()]] == ["warmup", "measure"]
        assert list(p["phases"]["start_ms"]) == [0, 10] and list(p["phases"]["spikes"]) == [30, 60]
        assert p["plugins"][0]["tag"].decode() == "volley-1/gcc-12"
        assert p["warnings"].asstr()[1] == "a warning of the run"


def test_the_page_names_every_dataset_and_attribute(sample):
    page = open(os.path.join(SOURCE, "docs", "results.md"), encoding="utf-8").read()
    rows = set(re.findall(r"^\| `(/[^`]+)`", page, re.M))
    words = set(re.findall(r"`([A-Za-z_]+)`", page))
    general = set()
    with h5py.File(sample, "r") as file:
        for name, o in objects(file).items():
            if isinstance(o, h5py.Dataset):
                place = re.sub(r"^/(spikes|report|rates)/[^/]+", r"/\1/POPULATION", name)
                general.add(re.sub(r"^/weights/[^/]+", "/weights/PROJECTION", place))
            assert not set(o.attrs) - words, name
            if isinstance(o, h5py.Dataset) and o.dtype.names:
                assert all(re.search(rf"\b{n}\b", page) for n in o.dtype.names), name
    of_learning = ("/training", "/evaluation", "/trained")  # see tests/learning
    assert general == {r for r in rows if not r.startswith(of_learning)}


# Each slip is found: (what to spoil, a word of the complaint).
def drop(where):
    return lambda f: f.__delitem__(where)


def set_attribute(where, name, value, dtype=None):
    return lambda f: f[where].attrs.create(name, value, dtype=dtype)


def put(where, index, value):
    return lambda f: f[where].__setitem__(index, value)


SPOILT = {
    "magic": (set_attribute("/", "magic", np.uint32(1)), "magic is 1"),
    "version": (set_attribute("/", "version", np.array([1, 0], np.uint32)), "version is not [0, 1]"),
    "format": (set_attribute("/", "volley_format", np.uint32(9)), "volley_format is 9"),
    "sorting as a text": (set_attribute("/spikes/E", "sorting", "by_time"), "not the enum"),
    "no units": (lambda f: f["/spikes/E/timestamps"].attrs.__delitem__("units"), "no attribute units"),
    "other units": (set_attribute("/spikes/E/timestamps", "units", "s"), "'s', not 'ms'"),
    "fixed-length units": (set_attribute("/spikes/E/timestamps", "units", np.bytes_("ms")), "variable length"),
    "unsorted": (put("/spikes/E/timestamps", 5, 1e9), "not ascending"),
    "tie out of order": (put("/spikes/E/node_ids", slice(0, 2), [2, 0]), "equal times"),
    "id too large": (put("/spikes/E/node_ids", 3, 4), "there are only 4"),
    "lengths": (lambda f: f["/spikes/E/node_ids"].resize((80,)), "80 node_ids"),
    "missing": (drop("/report/E/mapping/element_ids"), "missing"),
    "pointers": (put("/report/E/mapping/index_pointers", 2, 7), "is not 0 .. nodes"),
    "time": (put("/report/E/mapping/time", 1, 99.0), "does not agree"),
    "sorted": (set_attribute("/report/E.V/mapping/node_ids", "sorted", np.uint8(1)), "say sorted"),
    "rows": (lambda f: f["/report/E/data"].resize((5, 4)), "data is (5, 4)"),
    "snapshots": (lambda f: f["/weights/drive->E/values"].resize((2, 3)), "values is (2, 3)"),
    "change of no synapse": (put("/weights/drive->E/changes/synapse", 1, 3), "there are only 3"),
    "changes in disorder": (put("/weights/drive->E/changes/synapse", slice(0, 2), [2, 0]), "ascending in equal times"),
    "change to the same": (put("/weights/drive->E/changes/weight", 2, 0.75), "rows that change nothing"),
    "change that a snapshot lacks": (put("/weights/drive->E/changes/weight", 0, 0.7), "snapshot at 10.0 ms"),
    "target": (put("/weights/drive->E/target", 0, 4), "there are only 4"),
    "type": (lambda f: (f.__delitem__("/rates/E/rate"), f.create_dataset("/rates/E/rate", data=[1, 2, 3])), "int64"),
    "reason": (set_attribute("/provenance", "reason", "power cut"), "complete run has no reason"),
    "seed": (set_attribute("/provenance", "seed", 1.5), "seed is float64"),
    "group": (drop("/weights"), "group is missing"),
}


@pytest.mark.parametrize("slip", SPOILT)
def test_validate_finds(slip, copy):
    spoil, word = SPOILT[slip]
    assert validate(copy).problems == []
    with h5py.File(copy, "r+") as file:
        spoil(file)
    problems = validate(copy).problems
    assert any(word in p for p in problems), problems
