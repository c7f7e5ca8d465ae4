# SPDX-License-Identifier: Apache-2.0
"""What a result file holds, as numpy arrays: times in ms, ids int64 (to index, count and subtract with)."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Dict, List, Optional, Sequence, Tuple, Union

import numpy as np

PS_PER_MS = 1e9


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

    @property
    def end_ms(self) -> float:
        return self.start_ms + self.sim_time_ms


@dataclass(eq=False, repr=False)
class Epochs:
    """The epochs of a phase that trained: a column for each metric, "valid_" before those of the validation."""
    phase: str
    columns: Dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.columns:
            raise Error(f"epochs of {self.phase} have no column '{name}'; there is: {', '.join(self.columns)}")
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["epoch"])

    def __repr__(self) -> str:
        return f"<{len(self)} epochs of {self.phase}: {', '.join(self.columns)}>"


@dataclass(eq=False, repr=False)
class TrialSpikes:
    """Spikes of a layer in the first repeat of trials, ascending by the sample's place in its split, tick and unit."""
    sample: np.ndarray  # (K,) int64, index in the data set
    tick: np.ndarray    # (K,) int64, from 0
    unit: np.ndarray    # (K,) int64

    def __repr__(self) -> str:
        return f"<{len(self.tick)} spikes in {len(np.unique(self.sample))} trials>"


@dataclass(eq=False, repr=False)
class Evaluation:
    """What a phase that evaluated found, trial by trial: each repeat has all samples of the split."""
    phase: str
    data: str                           # such as "digits.test"
    metrics: Dict[str, float]
    sample: np.ndarray                  # (N,) int64, index in the data set
    repeat: np.ndarray                  # (N,) int64
    loss: np.ndarray                    # (N,) float64
    label: Optional[np.ndarray]         # (N,) int64; of a loss with labels
    answer: Optional[np.ndarray]        # (N,) int64
    confusion: Optional[np.ndarray]     # (classes, classes) int64, [label, answer]
    spikes: Dict[str, TrialSpikes] = field(default_factory=dict)  # by layer, as `record` asked for them

    def __repr__(self) -> str:
        found = ", ".join(f"{name} {value:.6g}" for name, value in self.metrics.items())
        return f"<{len(self.sample)} trials of {self.data}: {found}>"


@dataclass(eq=False, repr=False)
class Trained:
    """What learning changed: weights (sources, targets) of a projection, or a variable (neurons,) of a layer."""
    name: str
    start: np.ndarray
    last: np.ndarray
    best: Optional[np.ndarray]  # None without `keep`

    def __repr__(self) -> str:
        return f"<{self.name} of shape {self.last.shape}>"


@dataclass(eq=False, repr=False)
class Spikes:
    """Spikes of units first .. first + count - 1 of a population in [t_start, t_stop), ascending in (time, id)."""
    population: str
    times: np.ndarray  # (N,) float64, ms
    ids: np.ndarray    # (N,) int64, within the population
    first: int
    count: int
    t_start: float     # ms
    t_stop: float

    def __len__(self) -> int:
        return len(self.times)

    def __repr__(self) -> str:
        return f"<{len(self)} spikes of {self.count} {self.population}, {self.t_start:g} to {self.t_stop:g} ms>"

    def between(self, t_start: float, t_stop: float) -> "Spikes":
        """Those in [t_start, t_stop), ms."""
        a, b = np.searchsorted(self.times, (t_start, t_stop))
        return replace(self, times=self.times[a:b], ids=self.ids[a:b], t_start=t_start, t_stop=t_stop)

    def of(self, unit: int) -> np.ndarray:
        """Times (ms) of one unit's spikes."""
        return self.times[self.ids == unit]

    def trains(self) -> List[np.ndarray]:
        """Times (ms) of each unit's spikes, silent ones included: the k-th belongs to unit first + k."""
        order = np.argsort(self.ids, kind="stable")
        return np.split(self.times[order], np.cumsum(self.counts())[:-1])

    def counts(self) -> np.ndarray:
        """Number of spikes of each unit, (count,) int64."""
        return np.bincount(self.ids - self.first, minlength=self.count)

    def rates(self) -> np.ndarray:
        """Rate of each unit over [t_start, t_stop), (count,) Hz."""
        return self.counts() / ((self.t_stop - self.t_start) / 1000)

    def binned(self, bin_ms: float) -> np.ndarray:
        """Spikes of each unit in bins [t_start + k bin_ms, t_start + (k+1) bin_ms), as many as fit, (count, K) int64."""
        start, stop, width = (int(round(t * PS_PER_MS)) for t in (self.t_start, self.t_stop, bin_ms))
        bins = (stop - start) // width
        k = (np.rint(self.times * PS_PER_MS).astype(np.int64) - start) // width  # whole picoseconds: edges are exact
        inside = k < bins
        cells = (self.ids - self.first)[inside] * bins + k[inside]
        return np.bincount(cells, minlength=self.count * bins).reshape(self.count, bins)


@dataclass(eq=False, repr=False)
class States:
    """Samples of one variable."""
    population: str
    variable: str
    unit: str
    times: np.ndarray   # (T,) float64, ms
    ids: np.ndarray     # (N,) int64, within the population
    values: np.ndarray  # (T, N) float32, in `unit`

    def __repr__(self) -> str:
        return f"<{len(self.times)} samples of {self.population}.{self.variable} ({self.unit}), {len(self.ids)} neurons>"

    def between(self, t_start: float, t_stop: float) -> "States":
        """Samples in [t_start, t_stop), ms."""
        a, b = np.searchsorted(self.times, (t_start, t_stop))
        return replace(self, times=self.times[a:b], values=self.values[a:b])

    def of(self, neuron: int) -> np.ndarray:
        """Samples of one neuron, (T,) float32."""
        column = np.flatnonzero(self.ids == neuron)
        if not len(column):
            raise Error(f"{self.population}.{self.variable} of neuron {neuron} was not recorded")
        return self.values[:, column[0]]


@dataclass(eq=False, repr=False)
class WeightChanges:
    """Single changes of weights (`every: change`), ascending in (time, synapse)."""
    times: np.ndarray    # (C,) float64, ms
    synapse: np.ndarray  # (C,) int64, index into Weights.source and target
    weight: np.ndarray   # (C,) float32, after the change

    def __len__(self) -> int:
        return len(self.times)

    def __repr__(self) -> str:
        return f"<{len(self)} changes of weights>"

    def of(self, synapse: int) -> Tuple[np.ndarray, np.ndarray]:
        """(times in ms, weights) of one synapse's changes."""
        mine = self.synapse == synapse
        return self.times[mine], self.weight[mine]


@dataclass(eq=False, repr=False)
class Weights:
    """Weights of M synapses of one projection."""
    projection: str
    source_population: str
    target_population: str
    shape: Tuple[int, int]  # sizes of the two populations
    source: np.ndarray   # (M,) int64, within the source population
    target: np.ndarray   # (M,) int64
    delay: np.ndarray    # (M,) float64, ms, axonal and dendritic together
    initial: np.ndarray  # (M,) float32, weights before the run, in `unit`
    times: np.ndarray    # (T,) float64, ms, of the snapshots
    values: np.ndarray   # (T, M) float32, in `unit`
    changes: Optional[WeightChanges]  # None: recorded without `every: change`
    unit: str            # "1": without unit, see `gain`
    plastic: bool
    gain: Optional[float]

    def __len__(self) -> int:
        return len(self.source)

    def __repr__(self) -> str:
        changes = "" if self.changes is None else f", {len(self.changes)} changes"
        return f"<weights of {len(self)} synapses of {self.projection}, {len(self.times)} snapshots{changes}>"

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
                out[k, self.changes.synapse[done:upto]] = self.changes.weight[done:upto]  # of several the last stays
                now, done = out[k], upto
        return out if np.ndim(t) else out[0]

    def final(self) -> np.ndarray:
        """The last known weight of every synapse, (M,) float32."""
        return self.at(np.inf)

    def matrix(self, t: float = np.inf) -> np.ndarray:
        """Weights at t (ms) as a matrix [source, target], float32. Synapses of one pair add up; NaN where there is
        none that was recorded."""
        w = np.full(self.shape, np.nan, np.float32)
        w[self.source, self.target] = 0
        np.add.at(w, (self.source, self.target), self.at(t))
        return w


@dataclass(eq=False, repr=False)
class Rates:
    """Mean rate of units first .. first + count - 1 of a population in bins (t - bin_ms, t]."""
    population: str
    times: np.ndarray  # (T,) float64, ms, end of the bin
    rate: np.ndarray   # (T,) float64, Hz
    bin_ms: float

    def __repr__(self) -> str:
        return f"<{len(self.times)} rates of {self.population} in bins of {self.bin_ms:g} ms>"
