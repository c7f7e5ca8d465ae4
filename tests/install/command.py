# SPDX-License-Identifier: Apache-2.0
"""The command, and a small experiment for it."""
import os
import subprocess

import h5py

VOLLEY = os.environ["VOLLEY"]
SMALL = """\
volley: 1
seed: 5
phases:
  - simulate: {duration: 50 ms, name: warmup}
  - simulate: {duration: 100 ms, name: measure}
populations:
  drive: {stimulator: regular, size: 4, parameters: {period: 10 ms, first: 1 ms}}
  cells: {neuron: lif, size: 4}
projections:
  - {from: drive, to: cells, connect: one_to_one, weight: 30 mV, delay: 1 ms}
  - {from: cells, to: cells, connect: all_to_all, weight: 0.1 mV, delay: 2 ms}
record:
  spikes: [drive, cells]
"""


def volley(folder, *arguments):
    return subprocess.run([VOLLEY, *arguments], cwd=folder, capture_output=True, text=True)


def complete(file):
    with h5py.File(file) as f:
        return bool(f["provenance"].attrs["complete"])
