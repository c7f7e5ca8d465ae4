# SPDX-License-Identifier: Apache-2.0
"""Result files as numpy arrays. The layout is documented in docs/results.md."""
from __future__ import annotations

import difflib
import functools
import os
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple, Union

import h5py
import numpy as np

from .data import (Epochs, Error, Evaluation, Phase, Population, Rates, Spikes, States, Trained, TrialSpikes,
                   WeightChanges, Weights)

FORMAT_VERSION = 1
MAGIC = 0x0A7A


def link_name(name: str) -> str:
    """The name of a thing as it is in the file: one link of an HDF5 path."""
    name = name.replace("%", "%25").replace("/", "%2F")
    return "%2E" + name[1:] if name.startswith(".") else name


def text(value: Any) -> str:
    """A string of HDF5, of whatever kind, as str."""
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _ids(values: np.ndarray) -> np.ndarray:
    return values.astype(np.int64)


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


def _readable(method: Callable) -> Callable:
    """What HDF5 says of data that a flush is just writing becomes an Error that says so."""
    @functools.wraps(method)
    def read(self: "Result", *args: Any, **options: Any) -> Any:
        try:
            return method(self, *args, **options)
        except (OSError, RuntimeError, KeyError, ValueError) as e:
            if not self.file:
                raise Error(f"{self.path}: is closed") from None
            raise Error(f"{self.path}: cannot be read, perhaps because it is being written now; open it again: {e}") \
                from None
    return read


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

    def __repr__(self) -> str:
        records = (("spikes", self.spike_records), ("states", [".".join(x) for x in self.state_records]),
                   ("weights", self.weight_records), ("rates", self.rate_records))
        held = "".join(f"; {kind} of {', '.join(names)}" for kind, names in records if names)
        return f"<{self.path}: {self.duration:g} ms, {'complete' if self.complete else 'not complete'}{held}>"

    # What there is.

    @property
    @_readable
    def populations(self) -> Dict[str, Population]:
        """All populations of the experiment, recorded or not, in its order."""
        g = self.file["provenance/populations"]
        return {text(m["name"]): Population(text(m["name"]), text(m["kind"]), text(m["model"]), int(n))
                for m, n in zip(g["models"][()], g["size"][()])}

    @property
    @_readable
    def spike_records(self) -> List[str]:
        """Names for spikes(): populations; a second record of one is "name#2"."""
        return self._ordered("spikes")

    @property
    @_readable
    def state_records(self) -> List[Tuple[str, str]]:
        """(population, variable) of every report."""
        return [(text(self.file["report"][k].attrs["population"]), text(self.file["report"][k].attrs["variable"]))
                for k in self._ordered("report")]

    @property
    @_readable
    def weight_records(self) -> List[str]:
        """Names of the projections whose weights were recorded."""
        return [self._shown("weights", k) for k in self._ordered("weights")]

    @property
    @_readable
    def rate_records(self) -> List[str]:
        """Names for rates()."""
        return self._ordered("rates")

    # Data.

    @_readable
    def spikes(self, population: str, phase: Optional[str] = None) -> Spikes:
        """All spikes of one record, or those of one phase. (iter_spikes reads long ones in parts.)"""
        g = self._find("spikes", population)
        n = min(len(g["timestamps"]), len(g["node_ids"]))
        spikes = Spikes(population, g["timestamps"][:n], _ids(g["node_ids"][:n]), int(g.attrs["first"]),
                        int(g.attrs["count"]), 0.0, self.duration)
        return spikes if phase is None else spikes.between(*self._span(phase))

    def iter_spikes(self, population: str, part: int = 1 << 22) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
        """(times in ms, ids) of a record in parts of at most `part` spikes."""
        g = self._find("spikes", population)
        for k in range(0, len(g["timestamps"]), part):
            yield g["timestamps"][k:k + part], _ids(g["node_ids"][k:k + part])

    @_readable
    def states(self, population: str, variable: Optional[str] = None, record: int = 1,
               phase: Optional[str] = None) -> States:
        """Samples of a variable, of all phases or of one; without its name the first recorded one. `record` counts
        records of the same variable."""
        found = [k for k in self._ordered("report")
                 if text(self.file["report"][k].attrs["population"]) == population
                 and variable in (None, text(self.file["report"][k].attrs["variable"]))]
        if len(found) < record:
            known = ", ".join(f"{p}.{v}" for p, v in self.state_records) or "nothing"
            asked = population if variable is None else f"{population}.{variable}"
            raise Error(f"{self.path}: no states of {asked} were recorded; there is: {known}")
        states = self._states(found[record - 1])
        return states if phase is None else states.between(*self._span(phase))

    @_readable
    def weights(self, projection: str) -> Weights:
        """Weights of a projection."""
        g = self._find("weights", projection)
        changes = None
        if "changes" in g:
            c = g["changes"]
            changes = WeightChanges(c["times"][()], _ids(c["synapse"][()]), c["weight"][()])
        projection, *ends = (text(g.attrs[k]) for k in ("projection", "source_population", "target_population"))
        sizes = [self.populations[end].size for end in ends]
        return Weights(projection, *ends, (sizes[0], sizes[1]), _ids(g["source"][()]), _ids(g["target"][()]),
                       g["delay"][()], g["initial"][()],
                       g["times"][()], g["values"][()], changes, text(g["values"].attrs["units"]),
                       bool(g.attrs["plastic"]), float(g.attrs["gain"]) if "gain" in g.attrs else None)

    @_readable
    def rates(self, population: str) -> Rates:
        """Rates of a population in bins."""
        g = self._find("rates", population)
        return Rates(population, g["times"][()], g["rate"][()], float(g.attrs["bin_ms"]))

    @property
    @_readable
    def trained_names(self) -> List[str]:
        """Names for trained(): projections, and variables such as "hidden.b"."""
        return [text(g.attrs["name"]) for g in self.file["trained"].values()] if "trained" in self.file else []

    @property
    @_readable
    def training_phases(self) -> List[str]:
        """Names for training(): the phases that trained."""
        return list(self.file["training"]) if "training" in self.file else []

    @property
    @_readable
    def evaluation_phases(self) -> List[str]:
        """Names for evaluation(): the phases that evaluated, as far as they have ended."""
        return [name for name, g in self.file.get("evaluation", {}).items() if "loss" in g]

    @_readable
    def training(self, phase: str = "train") -> Epochs:
        """The epochs of a phase that trained, as far as they have ended."""
        g = self._learned("training", phase)
        n = min(len(column) for column in g.values())
        return Epochs(phase, {name: column[:n] for name, column in
                              sorted(g.items(), key=lambda x: (x[0] != "epoch", x[0]))})

    @_readable
    def evaluation(self, phase: str = "evaluate") -> Evaluation:
        """What a phase that evaluated found."""
        g = self._learned("evaluation", phase)
        known = {k: float(v) for k, v in g.attrs.items() if k not in ("data", "weights")}
        part = {k: _ids(g[k][()]) if k in g else None for k in ("sample", "repeat", "label", "answer", "confusion")}
        spikes = {text(s.attrs["name"]): TrialSpikes(*(_ids(s[k][()]) for k in ("sample", "tick", "unit")))
                  for s in g.get("spikes", {}).values()}
        return Evaluation(phase, text(g.attrs["data"]), known, part["sample"], part["repeat"], g["loss"][()],
                          part["label"], part["answer"], part["confusion"], spikes)

    @_readable
    def trained(self, name: str) -> Trained:
        """Weights of a projection, or a variable of a layer ("hidden.b"): start, best and last."""
        g = self._learned("trained", name)
        return Trained(name, g["start"][()], g["last"][()], g["best"][()] if "best" in g else None)

    @property
    @_readable
    def phases(self) -> List[Phase]:
        """The phases that have ended, in order."""
        rows = self.file["provenance/phases"][()]
        return [Phase(text(r["name"]), *(float(r[k]) for k in ("start_ms", "sim_time_ms", "build_s", "simulate_s")),
                      *(int(r[k]) for k in ("spikes", "synaptic_events", "external_events", "plastic_events")))
                for r in rows]

    @property
    @_readable
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
    @_readable
    def complete(self) -> bool:
        """Whether the run came to its end. If not, provenance["reason"] says why."""
        return bool(self.file["provenance"].attrs["complete"])

    @property
    @_readable
    def duration(self) -> float:
        """End of the last ended phase in ms; of a run that was cut short, the latest recorded time if later."""
        end = max((p.end_ms for p in self.phases), default=0.0)
        if not self.complete:
            ends = [g[key][-1] for group, key in
                    (("spikes", "timestamps"), ("report", "times"), ("weights", "times"), ("weights", "changes/times"),
                     ("rates", "times")) for g in self.file[group].values() if key in g and len(g[key])]
            end = max([end, *ends])
        return float(end)

    def plot(self, what: str = "auto") -> Any:
        """A matplotlib figure, as `python3 -m volley plot` draws it: "auto", "raster", "rates", "weights", "states"."""
        from .plot import plot  # matplotlib is slow to load and needed here only
        return plot(self, what)

    # Names of links.

    def _states(self, link: str) -> States:
        g = self.file["report"][link]
        return States(text(g.attrs["population"]), text(g.attrs["variable"]), text(g["data"].attrs["units"]),
                      g["times"][()], _ids(g["mapping/node_ids"][()]), g["data"][()])

    def _span(self, phase: str) -> Tuple[float, float]:
        """Start and end of a phase in ms."""
        for p in self.phases:
            if p.name == phase:
                return p.start_ms, p.end_ms
        known = ", ".join(p.name for p in self.phases) or "none"
        raise Error(f"{self.path}: no phase '{phase}' has ended; those that have: {known}")

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

    def _learned(self, group: str, name: str) -> h5py.Group:
        if group not in self.file:
            raise Error(f"{self.path}: has no /{group}; it is not of an experiment that learns, or has not ended")
        if link_name(name) not in self.file[group]:
            known = ", ".join(self.file[group]) or "nothing"
            raise Error(f"{self.path}: no {group} of '{name}'; there is: {known}")
        return self.file[group][link_name(name)]

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
