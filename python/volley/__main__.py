# SPDX-License-Identifier: Apache-2.0
"""python3 -m volley plot | summary | validate | convert | weights FILE, python3 -m volley get-data WHICH"""
from __future__ import annotations

import argparse
import os
import sys
from typing import List, Optional

from .get_data import HOMES, get_data
from .result import Error, read


def _plot(o: argparse.Namespace) -> int:
    import matplotlib  # slow to load and needed here only
    matplotlib.use("Agg")  # the picture goes to a file; a machine without a screen draws it too
    from .plot import plot
    out = o.output or os.path.splitext(o.file)[0] + ".png"
    with read(o.file) as result:
        figure = plot(result, o.what)
    try:
        figure.savefig(out)
    except (OSError, ValueError) as e:
        raise Error(f"{out}: cannot be written: {e}") from None
    print(out)
    return 0


def _summary(o: argparse.Namespace) -> int:
    from .summary import summary
    with read(o.file) as result:
        print(summary(result))
    return 0


def _validate(o: argparse.Namespace) -> int:
    from .validate import validate
    checker = validate(o.file)
    for problem in checker.problems:
        print(f"{o.file}: {problem}")
    if not checker.problems:
        print(f"{o.file}: {checker.checked} datasets and attributes checked, all as documented")
    return 2 if checker.problems else 0


def _convert(o: argparse.Namespace) -> int:
    from .convert import spike_names, to_csv
    out = o.output or os.path.splitext(o.file)[0] + ".csv"
    with read(o.file) as result:
        names = spike_names(result, o.population)  # refuses before a file is made
        if out == "-":
            to_csv(result, sys.stdout, names)
            return 0
        if os.path.exists(out) and not o.overwrite:
            raise Error(f"{out}: exists already; --overwrite replaces it, -o names another file")
        try:
            with open(out, "w", encoding="utf-8") as stream:
                count = to_csv(result, stream, names)
        except OSError as e:
            raise Error(f"{out}: cannot be written: {e.strerror}") from None
    print(f"{out}: {count} spikes")
    return 0


def _weights(o: argparse.Namespace) -> int:
    from .weights import convert_weights
    base, ending = os.path.splitext(o.file)
    out = o.output or base + (".h5" if ending == ".npz" else ".npz")
    if os.path.exists(out) and not o.overwrite:
        raise Error(f"{out}: exists already; --overwrite replaces it, -o names another file")
    print(f"{out}: {convert_weights(o.file, out, o.which)} arrays")
    return 0


def _get_data(o: argparse.Namespace) -> int:
    for path in get_data(o.which, o.to, o.source):
        print(path)
    return 0


def main(argv: Optional[List[str]] = None) -> int:
    """The command. Returns its exit code: 0 done, 2 the user's input."""
    parser = argparse.ArgumentParser(prog="python3 -m volley", description="Result files of Volley.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run, text: str) -> argparse.ArgumentParser:
        p = commands.add_parser(name, help=text, description=text)
        p.add_argument("file", help="result file (HDF5)")
        p.set_defaults(run=run)
        return p

    p = command("plot", _plot, "Draws a picture of a result file.")
    p.add_argument("-o", "--output", help="picture; its ending is its format (default: FILE with .png)")
    p.add_argument("--what", default="auto", choices=("auto", "learning", "raster", "rates", "weights", "states"),
                   help="auto: learning; else weights of plastic projections, spikes, states, rates")
    command("summary", _summary, "Prints a short table of what a result file holds.")
    command("validate", _validate, "Holds a result file against the documented layout.")
    p = command("convert", _convert, "Writes spikes as CSV (SONATA's text form: timestamps population node_ids).")
    p.add_argument("--to", default="csv", choices=("csv",), help="csv")
    p.add_argument("-o", "--output", help="file, - for standard output (default: FILE with .csv)")
    p.add_argument("--population", help="only this one")
    p.add_argument("--overwrite", action="store_true", help="replace an existing file")
    p = command("weights", _weights, "Writes what was trained as .npz, or from .npz a file for volley run --weights.")
    p.add_argument("-o", "--output", help="file (default: FILE with .npz; of an .npz, with .h5)")
    p.add_argument("--which", default="best", choices=("best", "last", "start"), help="best: the last where none was kept")
    p.add_argument("--overwrite", action="store_true", help="replace an existing file")
    p = commands.add_parser("get-data", help="Fetches data that experiments need and the project may not contain.",
                            description="Fetches data from their public homes, checks their SHA-256 and writes the "
                                        "files that experiments name; VOLLEY_DATA or --data tells them the folder.")
    p.add_argument("which", choices=sorted(HOMES), help="mnist: digits; jsb: chorales of J. S. Bach")
    p.add_argument("--to", default=".", metavar="FOLDER", help="where the files go (default: here)")
    p.add_argument("--from", dest="source", metavar="URL", help="another address of the same files")
    p.set_defaults(run=_get_data)
    o = parser.parse_args(argv)
    try:
        return o.run(o)
    except Error as e:
        print(f"error: {e}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
