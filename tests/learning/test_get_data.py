# SPDX-License-Identifier: Apache-2.0
"""get-data: what it checks, what it converts, and what it leaves behind when something is wrong."""
import hashlib
import os
import struct
import zlib

import h5py
import numpy as np
import pytest
import volley
from volley import get_data as module
from volley.__main__ import main
from volley.matlab import read_matlab

DATA = os.environ.get("VOLLEY_DATA", "")


def element(kind, data):
    if 0 < len(data) <= 4:
        return struct.pack("<HH4s", kind, len(data), data)
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(name, values):
    """A matrix of doubles, or a cell of them for a list."""
    cell = isinstance(values, list)
    shape = (1, len(values)) if cell else values.shape
    out = element(6, struct.pack("<II", 1 if cell else 6, 0)) + element(5, struct.pack("<ii", *shape))
    out += element(1, name.encode())
    out += b"".join(matrix("", v) for v in values) if cell else element(9, values.astype("<f8").tobytes(order="F"))
    return element(14, out)


def matlab(variables, packed=False):
    out = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H2s", 0x100, b"IM")
    for name, values in variables.items():
        m = matrix(name, values)
        if packed:
            m = zlib.compress(m)
            m = struct.pack("<II", 15, len(m)) + m  # these are not padded
        out += m
    return out


ROLLS = {v: [(np.random.default_rng(k).random((4 + k, 88)) < 0.05).astype(float) for k in range(n)]
         for v, n in (("traindata", 5), ("validdata", 2), ("testdata", 3))}


@pytest.mark.parametrize("packed", [False, True])
def test_cells_of_matrices_are_read(packed):
    found = read_matlab(matlab({**ROLLS, "x": np.arange(6.0).reshape(2, 3)}, packed))
    assert (found["x"] == [[0, 1, 2], [3, 4, 5]]).all()
    for name, cells in ROLLS.items():
        assert len(found[name]) == len(cells) and all((a == b).all() for a, b in zip(found[name], cells))


@pytest.mark.parametrize("packed", [False, True])
def test_damaged_cells_are_refused(packed):
    whole = matlab(ROLLS, packed)
    for cut in (0, 100, 130, 200, len(whole) // 2, len(whole) - 3):
        with pytest.raises(volley.Error):
            module.write_chorales(whole[:cut], "never.h5", "no sum")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The chorales' home with small rolls of the same layout, and their sum."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "JSB_Chorales.mat").write_bytes(matlab(ROLLS, packed=True))
    sums = hashlib.sha256()
    for cells in ROLLS.values():
        sums.update(np.array([len(c) for c in cells], "<i8").tobytes())
        sums.update(np.concatenate(cells).astype("u1").tobytes())
    chorales, = module.HOMES["jsb"].files
    monkeypatch.setitem(module.HOMES, "jsb",
                        module.Home((tmp_path / "home").as_uri(), [chorales._replace(sha256=sums.hexdigest())]))
    return tmp_path


def test_chorales_are_converted(home, capsys):
    out = home / "new" / "folder"
    assert main(["get-data", "jsb", "--to", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out / "jsb_chorales.h5")
    with h5py.File(out / "jsb_chorales.h5") as f:
        assert (f["valid/roll"][()] == np.concatenate(ROLLS["validdata"])).all()
        assert f["test/lengths"][()].tolist() == [4, 5, 6]
    assert main(["get-data", "jsb", "--to", str(out)]) == 0 and capsys.readouterr().out == ""  # it is there


def test_what_is_not_the_data_is_not_kept(home, capsys):
    changed = {**ROLLS, "testdata": [1 - r for r in ROLLS["testdata"]]}
    (home / "home" / "JSB_Chorales.mat").write_bytes(matlab(changed))
    assert main(["get-data", "jsb", "--to", str(home / "out")]) == 2
    said = capsys.readouterr().err
    assert "JSB_Chorales.mat: SHA-256" in said and "nothing is kept" in said
    assert os.listdir(home / "out") == []
    assert main(["get-data", "mnist", "--to", str(home / "out"), "--from", (home / "home").as_uri()]) == 2
    assert "train-images-idx3-ubyte.gz: " in capsys.readouterr().err


def test_the_sums_are_those_of_the_data(tmp_path):
    if not os.path.exists(os.path.join(DATA, "jsb_chorales.h5")):
        pytest.skip("needs the files of get-data in VOLLEY_DATA")
    sums = {d.name: d.sha256 for h in module.HOMES.values() for d in h.files}
    for name in ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"):
        with open(os.path.join(DATA, name), "rb") as f:
            assert hashlib.sha256(f.read()).hexdigest() == sums[name]
    with h5py.File(os.path.join(DATA, "jsb_chorales.h5")) as f:
        cells = {v: np.split(f[s]["roll"][()].astype(float), np.cumsum(f[s]["lengths"][()])[:-1])
                 for s, v in module.SPLITS.items()}
    module.write_chorales(matlab(cells, packed=True), str(tmp_path / "jsb.h5"), sums["jsb_chorales.h5"])
