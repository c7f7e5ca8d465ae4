# SPDX-License-Identifier: Apache-2.0
"""Counts the instructions of small versions of the benchmark workloads, while building and while simulating, and holds
them to tests/bench/instructions.json: a figure that has become more than 5 % worse fails.

Called by scripts/count_instructions.sh and, in a release build, by the test bench.instructions. Counts do not depend on
what else the machine does, and hardly on the machine: valgrind shows every program the same processor, the vector level
is pinned, and there is one thread. They do depend on the compiler and its flags: beside figures of others, 25 % are
allowed. Exit code 77, which skips the test, where valgrind cannot run such a program.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workloads import ROOT, WORKLOADS

RECORD = ROOT / "tests/bench/instructions.json"
ISA, FLAGS = "avx2", {"avx2", "bmi2", "f16c", "fma"}  # what valgrind's processor has at most, if the machine does
TOLERANCE, OTHER_COMPILER = 0.05, 0.25
SKIPPED = 77
BY_NAME = {w.name: w for w in WORKLOADS if w.small}
# What is counted, with all that it calls.
PARTS = {"build": "volley::Simulation::Simulation(", "simulate": "volley::Simulation::run("}


def call(*command):
    # Nothing of the caller's surroundings, which could hold GLIBC_TUNABLES or VALGRIND_OPTS.
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}failed with {done.returncode}")
    return done.stdout


def obstacle(volley):
    """Why nothing can be counted here; None: it can."""
    if not shutil.which("valgrind"):
        return "valgrind is not installed"
    cpu = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    if not cpu or FLAGS - set(cpu[1].split()):
        return f"this processor has no {ISA}"
    plain, under = (subprocess.run([*tool, volley, "--version"], capture_output=True, text=True)
                    for tool in ([], ["valgrind", "--quiet", "--tool=none"]))
    if plain.returncode == 0 and under.returncode:
        return f"valgrind cannot run on this machine: {under.stderr.strip()}"
    return None


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
    annotated = call("callgrind_annotate", "--inclusive=yes", "--auto=no", "--threshold=100", out)
    return {part: inclusive(annotated, function) for part, function in PARTS.items()}


def made_with(volley):
    """"GCC 12.2.0, -O3 -DNDEBUG": as the binary and the build folder around it tell."""
    comment = call("readelf", "-p", ".comment", volley)
    compilers = re.findall(r"^ *\[ *[0-9a-f]+\] +(\w+).*?([\d.]+) *$", comment, re.M)
    cache = dict(re.findall(r"^(\w+):\w+=(.*)$", (Path(volley).parent / "CMakeCache.txt").read_text(), re.M))
    flags = (cache["CMAKE_CXX_FLAGS"], cache.get(f"CMAKE_CXX_FLAGS_{cache['CMAKE_BUILD_TYPE'].upper()}", ""))
    return ", ".join([*sorted({" ".join(c) for c in compilers}), " ".join(flags).strip()])


def compare(recorded, counted):
    """Rows of (workload, part, recorded or None, counted, change or None)."""
    rows = []
    for name, parts in counted.items():
        for part, now in parts.items():
            before = recorded.get(name, {}).get(part)
            rows.append((name, part, before, now, now / before - 1 if before else None))
    return rows


def table(rows, allowed):
    def verdict(change):
        if change is None:
            return "not recorded"
        return "WORSE" if change > allowed else "better, worth recording" if change < -allowed else ""

    lines = [f"{'workload':<22} {'part':<9} {'recorded':>15} {'instructions':>15} {'change':>8}"]
    for name, part, before, now, change in rows:
        lines.append(f"{name:<22} {part:<9} {before or 0:>15,} {now:>15,} "
                     f"{'' if change is None else f'{change:+8.1%}'}  {verdict(change)}".rstrip())
    return "\n".join(lines)


def advice(rows, allowed, keep):
    """What to do about figures that are worse or not recorded; empty: nothing is."""
    bad = list(dict.fromkeys(name for name, *_, change in rows if change is None or change > allowed))
    if not bad:
        return ""
    files = "\n".join(f"    callgrind_annotate --inclusive=yes {keep / name}.callgrind" for name in bad)
    return f"""
More than {allowed:.0%} above {RECORD.relative_to(ROOT)}, or not recorded: {', '.join(bad)}.
Where the instructions go:
{files}
If they are the price of something better, record them:
    scripts/count_instructions.sh --update
and commit {RECORD.relative_to(ROOT)} with a message that says why."""


def main():
    o = argparse.ArgumentParser(prog="scripts/count_instructions.sh", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"default: all, {', '.join(BY_NAME)}")
    o.add_argument("--update", action="store_true", help="write the figures to tests/bench/instructions.json")
    o.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="how many at once (one a core)")
    o.add_argument("--keep", type=Path, default=ROOT / "build/release/instructions",
                   help="folder of callgrind's files, for callgrind_annotate (build/release/instructions)")
    o.add_argument("--volley", default=ROOT / "build/release/volley", help=argparse.SUPPRESS)
    o.add_argument("--record", type=Path, default=RECORD, help=argparse.SUPPRESS)
    o = o.parse_args()
    names = o.workloads or list(BY_NAME)
    if unknown := [w for w in names if w not in BY_NAME]:
        sys.exit(f"no such workload: {', '.join(unknown)}; there are: {', '.join(BY_NAME)}")

    if why := obstacle(o.volley):
        print(f"nothing is counted: {why}")
        sys.exit(SKIPPED)
    made = made_with(o.volley)
    record = json.loads(o.record.read_text()) if o.record.exists() else {"made_with": made, "workloads": {}}
    allowed = TOLERANCE if record["made_with"] == made else OTHER_COMPILER
    o.keep.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(o.jobs) as pool:
        counted = dict(zip(names, pool.map(lambda name: count(o.volley, BY_NAME[name], o.keep), names)))
    rows = compare(record["workloads"], counted)
    print(f"recorded: {record['made_with']}; counted: {made}; {allowed:.0%} more are allowed\n{table(rows, allowed)}")
    if o.update:
        # Figures of two compilers in one file would be those of neither.
        kept = record["workloads"] if record["made_with"] == made else {}
        record = {"made_with": made, "workloads": {**kept, **counted}}
        o.record.write_text(json.dumps(record, indent=1) + "\n")
    elif text := advice(rows, allowed, o.keep):
        sys.exit(text)


if __name__ == "__main__":
    main()
