# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of small versions of the benchmark workloads and holds them to tests/bench/instructions.json;
called by scripts/count_instructions.sh.

Counts do not depend on what else the machine does, and hardly on the machine: valgrind shows every program the same
processor, and the vector level is pinned. They do depend on the compiler, so that figures of another one are refused.
A figure that has become more than 5 % worse fails. --update writes the figures anew; the commit says why.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workloads import ROOT, WORKLOADS

RECORD = ROOT / "tests/bench/instructions.json"
ISA = "avx2"  # what valgrind's processor has at most
TOLERANCE = 0.05
BY_NAME = {w.name: w for w in WORKLOADS if w.small}
# What is counted, with all that it calls.
PARTS = {"build": "volley::Simulation::Simulation(", "simulate": "volley::Simulation::run("}


def call(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}failed with {done.returncode}")
    return done.stdout


def inclusive(annotated, function):
    """The greatest count of a function of this name in the output of callgrind_annotate --inclusive=yes."""
    lines = re.finditer(r"^ *([\d,]+) \([^)]*\)  [^:]*:(.*)$", annotated, re.M)
    found = [int(line[1].replace(",", "")) for line in lines if line[2].startswith(function)]
    if not found:
        sys.exit(f"{function}...) is not in what callgrind counted: tests/bench/instructions.py must follow the code")
    return max(found)


def count(volley, workload, keep):
    """{part: instructions}; `keep`: folder where callgrind's file stays."""
    out = keep / f"{workload.name}.callgrind"
    with tempfile.TemporaryDirectory(prefix="volley_count_") as folder:
        call("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--error-exitcode=9",
             volley, "run", *workload.small_experiment(folder), "--threads", 1, "--isa", ISA, "--quiet",
             "--output", Path(folder) / "counted.h5")
    annotated = call("callgrind_annotate", "--inclusive=yes", "--threshold=100", out)
    return {part: inclusive(annotated, function) for part, function in PARTS.items()}


def compiler(volley):
    """As the binary itself tells it: "GCC: (Debian 12.2.0-14+deb12u1) 12.2.0"."""
    comment = call("readelf", "-p", ".comment", volley)
    return ", ".join(sorted(set(re.findall(r"^ *\[ *[0-9a-f]+\] +(.*)$", comment, re.M))))


def compare(recorded, counted):
    """Rows of (workload, part, recorded or None, counted, change or None)."""
    rows = []
    for name, parts in counted.items():
        for part, now in parts.items():
            before = recorded.get(name, {}).get(part)
            rows.append((name, part, before, now, now / before - 1 if before else None))
    return rows


def verdict(change):
    if change is None:
        return "not recorded"
    if change > TOLERANCE:
        return "WORSE"
    return "better: record it with --update" if change < -TOLERANCE else ""


def show(rows):
    for name, part, before, now, change in rows:
        print(f"{name:<22} {part:<9} {before or 0:>15,} {now:>15,} {'' if change is None else f'{change:+8.1%}'}  "
              f"{verdict(change)}".rstrip())


def main():
    o = argparse.ArgumentParser(prog="scripts/count_instructions.sh", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"default: all, {', '.join(BY_NAME)}")
    o.add_argument("--update", action="store_true", help="write the figures to tests/bench/instructions.json")
    o.add_argument("--jobs", type=int, default=1, help="how many at once (1)")
    o.add_argument("--keep", type=Path, default=Path("results/instructions"),
                   help="folder of callgrind's files, for callgrind_annotate (results/instructions)")
    o.add_argument("--volley", default=ROOT / "build/release/volley", help=argparse.SUPPRESS)
    o.add_argument("--record", type=Path, default=RECORD, help=argparse.SUPPRESS)
    o = o.parse_args()
    names = o.workloads or list(BY_NAME)
    if unknown := [w for w in names if w not in BY_NAME]:
        sys.exit(f"no such workload: {', '.join(unknown)}; there are: {', '.join(BY_NAME)}")

    built_by = compiler(o.volley)
    record = json.loads(o.record.read_text()) if o.record.exists() else {"compiler": built_by, "workloads": {}}
    if record["compiler"] != built_by and not o.update:
        sys.exit(f"the figures are those of {record['compiler']}, this is {built_by}: nothing is compared")
    o.keep.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(o.jobs) as pool:
        counted = dict(zip(names, pool.map(lambda name: count(o.volley, BY_NAME[name], o.keep), names)))
    rows = compare(record["workloads"], counted)
    print(f"{'workload':<22} {'part':<9} {'recorded':>15} {'instructions':>15} {'change':>8}")
    show(rows)
    if o.update:
        record["compiler"] = built_by
        record["workloads"].update(counted)
        o.record.write_text(json.dumps(record, indent=1) + "\n")
    elif any(change is None or change > TOLERANCE for *_, change in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
