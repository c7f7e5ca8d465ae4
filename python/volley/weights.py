# SPDX-License-Identifier: Apache-2.0
"""What was trained, as .npz out of a result file and back into a file that `volley run --weights` takes."""
from __future__ import annotations

import os
import zipfile
from typing import Dict

import h5py
import numpy as np

from .result import Error, Result, link_name, read


def weights(result: Result, which: str = "best") -> Dict[str, np.ndarray]:
    """By name, [source, target] of projections ([out, in, row, column] of convolutions), [neuron] of variables.

    which: best (else last), last or start.
    """
    out = {}
    for name in result.trained_names:
        trained = result.trained(name)
        values = trained.last if which == "best" and trained.best is None else getattr(trained, which)
        out[name] = np.asarray(values)
    if not out:
        raise Error(f"{result.path}: nothing was trained, or the run has not ended")
    return out


def write_weights(path: str, values: Dict[str, np.ndarray]) -> None:
    """An HDF5 file for `volley run --weights`, from arrays of one, two or four dimensions by name."""
    for name, array in values.items():
        array = np.asarray(array)
        if array.ndim not in (1, 2, 4) or array.dtype.kind not in "fiu":
            raise Error(f"{name}: {array.ndim} dimensions of {array.dtype}; 1, 2 or 4 of numbers are expected")
    part = path + ".part"
    with h5py.File(part, "w", libver="earliest") as f:
        for name, array in values.items():
            group = f.create_group(f"trained/{link_name(name)}")
            group.attrs["name"] = name
            group["last"] = np.asarray(array, "f4")
    os.replace(part, path)


def convert_weights(path: str, out: str, which: str = "best") -> int:
    """Result file to .npz, or .npz to a file of weights; returns how many arrays there are."""
    try:
        if path.endswith(".npz"):
            with np.load(path, allow_pickle=False) as arrays:
                values = dict(arrays)
            write_weights(out, values)
        else:
            with read(path) as result:
                values = weights(result, which)
            with zipfile.ZipFile(out, "w") as archive:  # np.savez takes no array called "file"
                for name, array in values.items():
                    with archive.open(name + ".npy", "w") as f:
                        np.lib.format.write_array(f, array, allow_pickle=False)
    except (OSError, ValueError, zipfile.BadZipFile) as e:
        raise Error(f"{path} to {out}: {e}") from None
    return len(values)
