# SPDX-License-Identifier: Apache-2.0
"""Result files as numpy arrays. The layout is documented in docs/results.md."""
from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple, Union

import h5py
import numpy as np

FORMAT_VERSION = 1
MAGIC = 0x0A7A


class Error(Exception):
    """What is wrong with a file or with what was asked of it."""


@dataclass
class Population:
    """A population of the experiment."""
    name: str
    kind: str   # "neuron" or "stimulator"
    model: str
    size: int


@dataclass
class Phase:
    """A phase that has ended. Times of the network in ms, of the machine in s."""
    name: str
    start_ms: float
    sim_time_ms: float
    build_s: float
    simulate_s: float
    spikes: int
    synaptic_events: int
    external_events: int
    plastic_events: int


@dataclass
class Spikes:
    """Spikes of units first .. first + count - 1 of a population, ascending in (time, id)."""
    population: str
    times: np.ndarray  # (N,) float64, ms
    ids: np.ndarray    # (N,) uint64, within the population
    first: int
    count: int

    def of(self, unit: int) -> np.ndarray:
        """Times (ms) of one unit's spikes."""
        return self.times[self.ids == unit]


@dataclass
class States:
    """Samples of one variable."""
    population: str
    variable: str
    unit: str
    times: np.ndarray   # (T,) float64, ms
    ids: np.ndarray     # (N,) uint64, within the population
    values: np.ndarray  # (T, N) float32, in `unit`


@dataclass
class WeightChanges:
    """Single changes of weights (`every: change`), ascending in (time, synapse)."""
    times: np.ndarray    # (C,) float64, ms
    synapse: np.ndarray  # (C,) uint64, index into Weights.source and target
    weight: np.ndarray   # (C,) float32, after the change

    def __len__(self) -> int:
        return len(self.times)

    def of(self, synapse: int) -> Tuple[np.ndarray, np.ndarray]:
        """(times in ms, weights) of one synapse's changes."""
        mine = self.synapse == synapse
        return self.times[mine], self.weight[mine]


@dataclass
class Weights:
    """Weights of M synapses of one projection."""
    projection: str
    source_population: str
    target_population: str
    source: np.ndarray   # (M,) uint32, within the source population
    target: np.ndarray   # (M,) uint32
    delay: np.ndarray    # (M,) float64, ms, axonal and dendritic together
    initial: np.ndarray  # (M,) float32, weights before the run, in `unit`
    times: np.ndarray    # (T,) float64, ms, of the snapshots
    values: np.ndarray   # (T, M) float32, in `unit`
    changes: Optional[WeightChanges]  # None: recorded without `every: change`
    unit: str            # "1": without unit, see `gain`
    plastic: bool
    gain: Optional[float]

    def at(self, t: Union[float, Sequence[float]]) -> np.ndarray:
        """Weights at t (ms) as far as they are known: the last snapshot until then and the changes since, the initial
        weights where there is neither. (M,) float32 for one time; (K, M) for K ascending ones."""
        times = np.atleast_1d(np.asarray(t, np.float64))
        if np.any(np.diff(times) < 0):
            raise Error("times must ascend")
        out = np.empty((len(times), len(self.initial)), np.float32)
        now, known, done = self.initial, -np.inf, 0
        for k, end in enumerate(times):
            snapshots = np.searchsorted(self.times, end, side="right")
            if snapshots and self.times[snapshots - 1] > known:
                now, known = self.values[snapshots - 1], self.times[snapshots - 1]
            out[k] = now
            if self.changes is not None:
                done = max(done, int(np.searchsorted(self.changes.times, known, side="right")))
                upto = int(np.searchsorted(self.changes.times, end, side="right"))
                # Of several changes of one synapse the last stays.
                out[k, self.changes.synapse[done:upto].astype(np.intp)] = self.changes.weight[done:upto]
                now, done = out[k], upto
        return out if np.ndim(t) else out[0]

    def final(self) -> np.ndarray:
        """The last known weight of every synapse, (M,) float32."""
        return self.at(np.inf)


@dataclass
class Rates:
    """Mean rate of units first .. first + count - 1 of a population in bins (t - bin_ms, t]."""
    population: str
    times: np.ndarray  # (T,) float64, ms, end of the bin
    rate: np.ndarray   # (T,) float64, Hz
    bin_ms: float


def link_name(name: str) -> str:
    """The name of a thing as it is in the file: one link of an HDF5 path."""
    name = name.replace("%", "%25").replace("/", "%2F")
    return "%2E" + name[1:] if name.startswith(".") else name


def text(value: Any) -> str:
    """A string of HDF5, of whatever kind, as str."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def open_file(path: Union[str, os.PathLike]) -> h5py.File:
    """Opens a file for reading, without locks: it may still be growing."""
    path = os.fspath(path)
    if not os.path.exists(path):
        raise Error(f"{path}: there is no such file")
    if os.path.isdir(path):
        raise Error(f"{path}: is a folder; the name of a result file is needed")
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as e:
        raise Error(f"{path}: cannot be read as an HDF5 file: {e}") from None


class Result:
    """A result file, open for reading. Everything is read when it is asked for."""

    def __init__(self, path: Union[str, os.PathLike]):
        self.path = os.fspath(path)
        self.file = open_file(path)
        version = self.file.attrs.get("volley_format")
        if version is None:
            self.close()
            raise Error(f"{self.path}: not a result file of Volley (no attribute volley_format)")
        if version > FORMAT_VERSION:
            self.close()
            raise Error(f"{self.path}: has format {version}; this reader knows {FORMAT_VERSION} and older")

    def close(self) -> None:
        self.file.close()

    def __enter__(self) -> "Result":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # What there is.

    @property
    def populations(self) -> Dict[str, Population]:
        """All populations of the experiment, recorded or not, in its order."""
        g = self.file["provenance/populations"]
        return {text(m["name"]): Population(text(m["name"]), text(m["kind"]), text(m["model"]), int(n))
                for m, n in zip(g["models"][()], g["size"][()])}

    @property
    def spike_records(self) -> List[str]:
        """Names for spikes(): populations; a second record of one is "name#2"."""
        return self._ordered("spikes")

    @property
    def state_records(self) -> List[Tuple[str, str]]:
        """(population, variable) of every report."""
        return [(text(self.file["report"][k].attrs["population"]), text(self.file["report"][k].attrs["variable"]))
                for k in self._ordered("report")]

    @property
    def weight_records(self) -> List[str]:
        """Names of the projections whose weights were recorded."""
        return [self._shown("weights", k) for k in self._ordered("weights")]

    @property
    def rate_records(self) -> List[str]:
        """Names for rates()."""
        return self._ordered("rates")

    # Data.

    def spikes(self, population: str) -> Spikes:
        """All spikes of one record. (iter_spikes reads long ones in parts.)"""
        g = self._find("spikes", population)
        n = min(len(g["timestamps"]), len(g["node_ids"]))
        return Spikes(population, g["timestamps"][:n], g["node_ids"][:n], int(g.attrs["first"]), int(g.attrs["count"]))

    def iter_spikes(self, population: str, part: int = 1 << 22) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
        """(times in ms, ids) of a record in parts of at most `part` spikes."""
        g = self._find("spikes", population)
        for k in range(0, len(g["timestamps"]), part):
            yield g["timestamps"][k:k + part], g["node_ids"][k:k + part]

    def states(self, population: str, variable: Optional[str] = None, record: int = 1) -> States:
        """Samples of a variable; without its name the first recorded one. `record` counts records of the same
        variable."""
        found = [k for k in self._ordered("report")
                 if text(self.file["report"][k].attrs["population"]) == population
                 and variable in (None, text(self.file["report"][k].attrs["variable"]))]
        if len(found) < record:
            known = ", ".join(f"{p}.{v}" for p, v in self.state_records) or "nothing"
            asked = population if variable is None else f"{population}.{variable}"
            raise Error(f"{self.path}: no states of {asked} were recorded; there is: {known}")
        return self._states(found[record - 1])

    def weights(self, projection: str) -> Weights:
        """Weights of a projection."""
        g = self._find("weights", projection)
        changes = None
        if "changes" in g:
            c = g["changes"]
            changes = WeightChanges(c["times"][()], c["synapse"][()], c["weight"][()])
        names = (text(g.attrs[k]) for k in ("projection", "source_population", "target_population"))
        return Weights(*names, g["source"][()], g["target"][()], g["delay"][()], g["initial"][()],
                       g["times"][()], g["values"][()], changes, text(g["values"].attrs["units"]),
                       bool(g.attrs["plastic"]), float(g.attrs["gain"]) if "gain" in g.attrs else None)

    def rates(self, population: str) -> Rates:
        """Rates of a population in bins."""
        g = self._find("rates", population)
        return Rates(population, g["times"][()], g["rate"][()], float(g.attrs["bin_ms"]))

    @property
    def phases(self) -> List[Phase]:
        """The phases that have ended, in order."""
        rows = self.file["provenance/phases"][()]
        return [Phase(text(r["name"]), *(float(r[k]) for k in ("start_ms", "sim_time_ms", "build_s", "simulate_s")),
                      *(int(r[k]) for k in ("spikes", "synaptic_events", "external_events", "plastic_events")))
                for r in rows]

    @property
    def provenance(self) -> Dict[str, Any]:
        """What was run, with what and where: the attributes and texts of /provenance by name."""
        g = self.file["provenance"]
        known: Dict[str, Any] = {}
        for key, value in g.attrs.items():
            known[key] = value if isinstance(value, str) else value.item()
        known["complete"] = bool(known["complete"])
        known["source"], known["resolved"] = text(g["source"][()]), text(g["resolved"][()])
        known["command"] = [text(w) for w in g["command"][()]]
        known["warnings"] = [text(w) for w in g["warnings"][()]]
        known["plugins"] = [{k: text(p[k]) for k in ("path", "tag", "sha256")} for p in g["plugins"][()]]
        return known

    @property
    def complete(self) -> bool:
        """Whether the run came to its end. If not, provenance["reason"] says why."""
        return bool(self.file["provenance"].attrs["complete"])

    @property
    def duration(self) -> float:
        """End of the last ended phase in ms; of a run that was cut short, the latest recorded time if later."""
        end = max((p.start_ms + p.sim_time_ms for p in self.phases), default=0.0)
        if not self.complete:
            ends = [g[key][-1] for group, key in
                    (("spikes", "timestamps"), ("report", "times"), ("weights", "times"), ("rates", "times"))
                    for g in self.file[group].values() if len(g[key])]
            end = max([end, *ends])
        return float(end)

    # Names of links.

    def _states(self, link: str) -> States:
        g = self.file["report"][link]
        return States(text(g.attrs["population"]), text(g.attrs["variable"]), text(g["data"].attrs["units"]),
                      g["times"][()], g["mapping/node_ids"][()], g["data"][()])

    def _ordered(self, group: str) -> List[str]:
        """Links of a group in the order of their populations (projections: source, then target)."""
        place = {name: k for k, name in enumerate(self.populations)}

        def key(link: str) -> Tuple[int, int, str]:
            attrs = self.file[group][link].attrs
            names = [text(attrs[k]) for k in ("population", "source_population", "target_population") if k in attrs]
            names = names or [next((n for n in place if link_name(n) == link.split("#")[0]), "")]
            first, second, *_ = [place.get(n, len(place)) for n in names] + [0]
            return first, second, link
        return sorted(self.file[group], key=key)

    def _shown(self, group: str, link: str) -> str:
        """The projection's own name; the link where a projection has several records."""
        name = text(self.file[group][link].attrs["projection"])
        return name if link_name(name) == link else link

    def _find(self, group: str, name: str) -> h5py.Group:
        links = self.file[group]
        for link in (link_name(name), name):
            if link in links:
                return links[link]
        known = [self._shown(group, k) if group == "weights" else k for k in self._ordered(group)]
        near = difflib.get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; there is: {', '.join(known) or 'nothing'}"
        raise Error(f"{self.path}: no {group} of '{name}' were recorded{hint}")


def read(path: Union[str, os.PathLike]) -> Result:
    """Opens a result file. It may still be growing: what was flushed can be read, read() again shows more.

    A reader that meets a flush may find the file unreadable for a moment; try again.
    """
    return Result(path)
