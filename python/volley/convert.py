# SPDX-License-Identifier: Apache-2.0
"""Spikes as CSV, the text twin of SONATA's spike files."""
from __future__ import annotations

from typing import List, Optional, TextIO

from .result import Error, Result


def spike_names(result: Result, population: Optional[str] = None) -> List[str]:
    """The records to convert: all, or one."""
    names = result.spike_records
    if not names:
        raise Error(f"{result.path}: no spikes were recorded; nothing to convert")
    if population is None:
        return names
    next(result.iter_spikes(population), None)  # an unknown name is an error that lists the known ones
    return [population]


def to_csv(result: Result, out: TextIO, names: List[str]) -> int:
    """Writes `timestamps population node_ids` lines, separated by spaces, times in ms exact to the picosecond.

    Populations follow each other, each ascending in time. Returns the number of spikes.
    """
    out.write("timestamps population node_ids\n")
    count = 0
    for name in names:
        for times, ids in result.iter_spikes(name, 1 << 16):
            out.writelines(f"{t:.9f} {name} {i}\n" for t, i in zip(times.tolist(), ids.tolist()))
            count += len(times)
    return count
