# SPDX-License-Identifier: Apache-2.0
"""Holds a result file against its documented layout, attribute by attribute (docs/results.md)."""
from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Sequence, Union

import h5py
import numpy as np

from .result import FORMAT_VERSION, MAGIC, open_file, text

SORTING = {"none": 0, "by_id": 1, "by_time": 2}


class Checker:
    """Collects what is wrong; `checked` counts the datasets and attributes that were looked at."""

    def __init__(self, file: h5py.File):
        self.file = file
        self.problems: List[str] = []
        self.checked = 0

    def wrong(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def expect(self, true: bool, where: str, what: str) -> None:
        if not true:
            self.wrong(where, what)

    def group(self, name: str) -> Optional[h5py.Group]:
        if name not in self.file or not isinstance(self.file[name], h5py.Group):
            self.wrong(name, "this group is missing")
            return None
        return self.file[name]

    def dataset(self, name: str, dtype: str, rank: int, units: Optional[str] = None) -> Optional[np.ndarray]:
        """A dataset of one type and rank; with `units` ("" for any text) also that attribute. Its values."""
        self.checked += 1
        if name not in self.file or not isinstance(self.file[name], h5py.Dataset):
            self.wrong(name, "this dataset is missing")
            return None
        d = self.file[name]
        if d.dtype != np.dtype(dtype):
            self.wrong(name, f"is of type {d.dtype}, not {np.dtype(dtype)}")
            return None
        if d.ndim != rank:
            self.wrong(name, f"has {d.ndim} dimensions, not {rank}")
            return None
        if units is not None:
            self.text_attribute(name, "units", units)
        return d[()]

    def attribute(self, where: str, name: str) -> Any:
        self.checked += 1
        attrs = self.file[where].attrs
        if name not in attrs:
            self.wrong(where, f"has no attribute {name}")
            return None
        return attrs[name]

    def text_attribute(self, where: str, name: str, value: str = "") -> None:
        """A UTF-8 text of variable length, as SONATA readers expect; `value` unless empty."""
        found = self.attribute(where, name)
        if found is None:
            return
        kind = self.file[where].attrs.get_id(name).get_type()
        if not isinstance(kind, h5py.h5t.TypeStringID) or kind.get_cset() != h5py.h5t.CSET_UTF8 \
                or not kind.is_variable_str():
            self.wrong(where, f"attribute {name} is not a UTF-8 text of variable length")
        elif value and found != value:
            self.wrong(where, f"attribute {name} is '{found}', not '{value}'")

    def number_attribute(self, where: str, name: str, dtype: str, shape: Sequence[int] = ()) -> Any:
        found = self.attribute(where, name)
        if found is None:
            return None
        found = np.asarray(found)
        if found.dtype != np.dtype(dtype) or found.shape != tuple(shape):
            self.wrong(where, f"attribute {name} is {found.dtype}{list(found.shape)}, "
                              f"not {np.dtype(dtype)}{list(shape)}")
            return None
        return found

    def ascending(self, name: str, values: Optional[np.ndarray], strictly: bool = False) -> None:
        if values is not None and len(values) > 1:
            steps = np.diff(values)
            self.expect(bool((steps > 0).all() if strictly else (steps >= 0).all()), name, "is not ascending")

    def below(self, name: str, values: Optional[np.ndarray], limit: int) -> None:
        if values is not None and len(values):
            self.expect(int(values.max()) < limit, name, f"holds {values.max()}, there are only {limit}")


def validate(path: Union[str, os.PathLike]) -> Checker:
    """Checks a whole file. `problems` of the answer is empty for a good one."""
    with open_file(path) as file:
        c = Checker(file)
        magic = c.number_attribute("/", "magic", "uint32")
        c.expect(magic is None or magic == MAGIC, "/", f"attribute magic is {magic}, not {MAGIC}")
        version = c.number_attribute("/", "version", "uint32", (2,))
        c.expect(version is None or list(version) == [0, 1], "/", "attribute version is not [0, 1]")
        ours = c.number_attribute("/", "volley_format", "uint32")
        c.expect(ours is None or 1 <= ours <= FORMAT_VERSION, "/", f"attribute volley_format is {ours}, unknown here")
        sizes = _provenance(c)
        for name, check in (("spikes", _spikes), ("report", _report), ("weights", _weights), ("rates", _rates)):
            group = c.group(f"/{name}")
            for link in group or ():
                if c.group(f"/{name}/{link}") is not None:
                    check(c, f"/{name}/{link}", sizes)
        return c


def _view(c: Checker, at: str, sizes: Dict[str, int]) -> int:
    """End of the view of a spike or rate record."""
    first, count = (c.number_attribute(at, k, "uint64") for k in ("first", "count"))
    if first is None or count is None:
        return 0
    name = at.split("/")[2].split("#")[0]
    c.expect(name in sizes, at, "is no population of the experiment")
    c.expect(int(first) + int(count) <= sizes.get(name, 0), at, "goes beyond its population")
    return int(first) + int(count)


def _spikes(c: Checker, at: str, sizes: Dict[str, int]) -> None:
    sorting = c.attribute(at, "sorting")
    if sorting is not None:
        kind = c.file[at].attrs.get_id("sorting").dtype
        c.expect(h5py.check_enum_dtype(kind) == SORTING and kind.base == np.uint8, at,
                 "attribute sorting is not the enum none, by_id, by_time of uint8")
        c.expect(sorting == SORTING["by_time"], at, "attribute sorting is not by_time")
    end = _view(c, at, sizes)
    times = c.dataset(f"{at}/timestamps", "float64", 1, "ms")
    ids = c.dataset(f"{at}/node_ids", "uint64", 1)
    if times is None or ids is None:
        return
    c.expect(len(times) == len(ids), at, f"{len(times)} timestamps, but {len(ids)} node_ids")
    c.below(f"{at}/node_ids", ids, end)
    n = min(len(times), len(ids))
    same = times[1:n] == times[:n - 1]
    c.ascending(f"{at}/timestamps", times)
    c.expect(bool((ids[1:n][same] > ids[:n - 1][same]).all()), at, "equal times are not ascending in node_ids")


def _report(c: Checker, at: str, sizes: Dict[str, int]) -> None:
    for name in ("population", "variable"):
        c.text_attribute(at, name)
    data = c.dataset(f"{at}/data", "float32", 2, "")
    times = c.dataset(f"{at}/times", "float64", 1, "ms")
    ids = c.dataset(f"{at}/mapping/node_ids", "uint64", 1)
    pointers = c.dataset(f"{at}/mapping/index_pointers", "uint64", 1)
    elements = c.dataset(f"{at}/mapping/element_ids", "uint32", 1)
    grid = c.dataset(f"{at}/mapping/time", "float64", 1, "ms")
    if any(x is None for x in (data, times, ids, pointers, elements, grid)):
        return
    ordered = c.number_attribute(f"{at}/mapping/node_ids", "sorted", "uint8")
    c.expect(not ordered or bool((np.diff(ids.astype(np.int64)) > 0).all()), at, "node_ids say sorted, but are not")
    c.below(f"{at}/mapping/node_ids", ids, sizes.get(c.file[at].attrs.get("population"), 0))
    c.expect(data.shape == (len(times), len(ids)), at, f"data is {data.shape}, not ({len(times)}, {len(ids)})")
    c.expect(np.array_equal(pointers, np.arange(len(ids) + 1)), f"{at}/mapping/index_pointers", "is not 0 .. nodes")
    c.expect(np.array_equal(elements, np.zeros(len(ids))), f"{at}/mapping/element_ids", "is not all 0")
    c.ascending(f"{at}/times", times)
    if len(grid) != 3 or grid[2] <= 0:
        return c.wrong(f"{at}/mapping/time", "is not start, stop, step")
    n = round((grid[1] - grid[0]) / grid[2])
    c.expect(n <= len(times) and (n > 0 or len(times) == 0) and
             np.allclose(times[:n], grid[0] + grid[2] * np.arange(n), rtol=0, atol=1e-8),
             f"{at}/mapping/time", "does not agree with times")


def _weights(c: Checker, at: str, sizes: Dict[str, int]) -> None:
    for name in ("projection", "source_population", "target_population"):
        c.text_attribute(at, name)
    c.number_attribute(at, "plastic", "uint64")
    if "gain" in c.file[at].attrs:
        c.number_attribute(at, "gain", "float64")
        c.text_attribute(at, "gain_units")
    columns = [c.dataset(f"{at}/{n}", d, 1, u) for n, d, u in
               (("source", "uint32", None), ("target", "uint32", None), ("delay", "float64", "ms"),
                ("initial", "float32", ""))]
    values = c.dataset(f"{at}/values", "float32", 2, "")
    times = c.dataset(f"{at}/times", "float64", 1, "ms")
    if values is None or times is None or any(x is None for x in columns):
        return
    m = len(columns[0])
    c.expect(all(len(x) == m for x in columns), at, "source, target, delay and initial differ in length")
    c.expect(values.shape == (len(times), m), at, f"values is {values.shape}, not ({len(times)}, {m})")
    c.ascending(f"{at}/times", times)
    for column, name in zip(columns, ("source", "target")):
        c.below(f"{at}/{name}", column, sizes.get(c.file[at].attrs.get(f"{name}_population"), 0))
    if "changes" in c.file[at]:
        t = c.dataset(f"{at}/changes/times", "float64", 1, "ms")
        s = c.dataset(f"{at}/changes/synapse", "uint64", 1)
        w = c.dataset(f"{at}/changes/weight", "float32", 1, "")
        if t is not None and s is not None and w is not None:
            c.expect(len(t) == len(s) == len(w), f"{at}/changes", "columns differ in length")
            c.below(f"{at}/changes/synapse", s, m)
            c.ascending(f"{at}/changes/times", t)
            if len(t) == len(s) == len(w) and (s < m).all():
                _changes(c, at, columns[3], times, values, t, s.astype(np.intp), w)


def _changes(c: Checker, at: str, initial: np.ndarray, times: np.ndarray, values: np.ndarray, t: np.ndarray,
             s: np.ndarray, w: np.ndarray) -> None:
    """Changes that are in order, that are changes, and that lead from the initial weights to every snapshot."""
    same = t[1:] == t[:-1]
    c.expect(bool((s[1:][same] >= s[:-1][same]).all()), f"{at}/changes/synapse", "is not ascending in equal times")
    order = np.argsort(s, kind="stable")
    first = np.diff(s[order], prepend=-1) != 0
    before = np.where(first, initial[s[order]], np.roll(w[order], 1))
    c.expect(not (w[order] == before).any(), f"{at}/changes/weight", "has rows that change nothing")
    now, done = initial.copy(), 0
    for time, snapshot in zip(times, values):
        upto = np.searchsorted(t, time, side="right")
        now[s[done:upto]] = w[done:upto]
        done = max(done, upto)
        if not np.array_equal(now, snapshot, equal_nan=True):
            return c.wrong(f"{at}/values", f"the snapshot at {time} ms is not what the changes until then make")


def _rates(c: Checker, at: str, sizes: Dict[str, int]) -> None:
    _view(c, at, sizes)
    c.number_attribute(at, "bin_ms", "float64")
    rate = c.dataset(f"{at}/rate", "float64", 1, "Hz")
    times = c.dataset(f"{at}/times", "float64", 1, "ms")
    if rate is not None and times is not None:
        c.expect(len(rate) == len(times), at, f"{len(times)} times, but {len(rate)} rates")
        c.ascending(f"{at}/times", times, strictly=True)


def _texts(c: Checker, name: str, rank: int) -> None:
    c.checked += 1
    if name not in c.file:
        return c.wrong(name, "this dataset is missing")
    d = c.file[name]
    if h5py.check_string_dtype(d.dtype) is None or d.ndim != rank:
        c.wrong(name, f"is not {'a text' if rank == 0 else 'a list of texts'}")


def _table(c: Checker, name: str, columns: Dict[str, str]) -> Optional[np.ndarray]:
    c.checked += 1
    if name not in c.file:
        c.wrong(name, "this dataset is missing")
        return None
    d = c.file[name]
    if d.dtype.names != tuple(columns) or d.ndim != 1:
        c.wrong(name, f"has the columns {d.dtype.names}, not {tuple(columns)}")
        return None
    for column, kind in columns.items():
        found = d.dtype[column]
        good = h5py.check_string_dtype(found) is not None or found.kind == "S" if kind == "text" \
            else found == np.dtype(kind)
        c.expect(good, name, f"column {column} is {found}, not {kind}")
    return d[()]


def _provenance(c: Checker) -> Dict[str, int]:
    """Checks /provenance; returns the populations' sizes."""
    at = "/provenance"
    if c.group(at) is None:
        return {}
    for name in ("version", "experiment", "host", "start_time", "reason"):
        c.text_attribute(at, name)
    for name, kind in (("seed", "uint64"), ("wall_time_s", "float64")):
        c.number_attribute(at, name, kind)
    complete = c.number_attribute(at, "complete", "uint8")
    if complete is not None:
        c.expect(complete in (0, 1), at, f"attribute complete is {complete}, not 0 or 1")
        c.expect(bool(complete) == (c.file[at].attrs.get("reason") == ""), at,
                 "a complete run has no reason, another one has")
    if complete == 1:  # known at the end only
        c.text_attribute(at, "isa")
        for name, kind in (("threads", "uint64"), ("neurons", "uint64"), ("synapses", "uint64"),
                           ("bytes_per_synapse", "float64"), ("build_s", "float64"), ("peak_rss_mb", "float64"),
                           ("window_ms", "float64")):
            c.number_attribute(at, name, kind)
    _texts(c, f"{at}/source", 0)
    _texts(c, f"{at}/resolved", 0)
    _texts(c, f"{at}/command", 1)
    _texts(c, f"{at}/warnings", 1)
    _table(c, f"{at}/plugins", {k: "text" for k in ("path", "tag", "sha256")})
    _table(c, f"{at}/phases", {"name": "text", **{k: "float64" for k in ("start_ms", "build_s", "simulate_s",
                                                                         "sim_time_ms")},
                               **{k: "uint64" for k in ("spikes", "synaptic_events", "external_events",
                                                        "plastic_events")}})
    models = _table(c, f"{at}/populations/models", {k: "text" for k in ("name", "kind", "model")})
    sizes = c.dataset(f"{at}/populations/size", "uint64", 1)
    if models is None or sizes is None:
        return {}
    c.expect(len(models) == len(sizes), f"{at}/populations", "models and size differ in length")
    return {text(m["name"]): int(n) for m, n in zip(models, sizes)}
