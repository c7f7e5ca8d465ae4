# SPDX-License-Identifier: Apache-2.0
"""Reads MATLAB files of version 5 (`save -v6`, `-v7`): matrices of numbers, and cells of them."""
from __future__ import annotations

import struct
import zlib
from typing import Dict, Iterator, List, Tuple, Union

import numpy as np

from .result import Error

Value = Union[np.ndarray, List["Value"]]
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
MATRIX, COMPRESSED, CELL = 14, 15, 1


def _elements(data: bytes, order: str) -> Iterator[Tuple[int, bytes]]:
    """Types and contents of elements; those of up to 4 bytes may share the 8 bytes of their tag."""
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from(order + "II", data, at)
        if kind >> 16:
            kind, size, first = kind & 0xFFFF, kind >> 16, at + 4
            following = at + 8
        else:
            first = at + 8
            following = first + size + (-size % 8 if kind != COMPRESSED else 0)
        if first + size > len(data):
            raise Error(f"an element of {size} bytes where {len(data) - first} are left")
        yield kind, data[first:first + size]
        at = following


def _matrix(data: bytes, order: str) -> Tuple[str, Value]:
    (_, flags), (_, shape), (_, name), *parts = _elements(data, order)
    shape = np.frombuffer(shape, order + "i4")
    if flags[0 if order == "<" else 3] == CELL:
        return name.decode("ascii"), [_matrix(part, order)[1] for _, part in parts]
    if not parts or parts[0][0] not in NUMBERS:
        raise Error("neither a matrix of numbers nor a cell")
    values = np.frombuffer(parts[0][1], order + NUMBERS[parts[0][0]])
    return name.decode("ascii"), values.reshape(shape, order="F")


def read_matlab(data: bytes) -> Dict[str, Value]:
    """The variables of a file by name. Raises Error for what is no such file."""
    if len(data) < 128 or data[126:128] not in (b"IM", b"MI"):
        raise Error("not a MATLAB file of version 5")
    order = "<" if data[126:128] == b"IM" else ">"
    variables = {}
    try:
        for kind, part in _elements(data[128:], order):
            if kind == COMPRESSED:
                ((kind, part),) = _elements(zlib.decompress(part), order)
            if kind == MATRIX:
                name, value = _matrix(part, order)
                variables[name] = value
    except (struct.error, zlib.error, ValueError) as e:
        raise Error(f"a damaged MATLAB file: {e}") from None
    return variables
