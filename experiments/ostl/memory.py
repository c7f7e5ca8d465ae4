# SPDX-License-Identifier: Apache-2.0
"""Peak memory of memory.yaml by the length of its trials, beside what `volley check` predicts: memory.py [PICTURE.png]

VOLLEY: the command. Fails where OSTL grows by a byte a tick or more, or BPTT otherwise than predicted within 20 %."""
import os
import re
import shlex
import subprocess
import sys
import tempfile

import volley

COMMAND = os.environ.get("VOLLEY", "volley")
EXPERIMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "memory.yaml")
TICKS = {"bptt": [100, 1_000, 10_000, 30_000], "ostl": [100, 1_000, 10_000, 1_000_000]}  # a peak is known to 0.5 MB
MB = 2**20


def changes(rule, ticks):
    return ["--set", "sweep={}", "--set", f"learning.how.rule={rule}", "--set", f"phases.0.train.trial={ticks} ticks"]


def predicted(rule, ticks):
    command = [COMMAND, "check", EXPERIMENT, *changes(rule, ticks)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sum(float(x) * 1e6 for x in re.findall(r"^  (?:trials|traces) +(\S+) MB", said, re.M))


def peak(rule, ticks, folder):
    command = [COMMAND, "run", EXPERIMENT, "--output", "memory.h5", "--overwrite", "--quiet", "--threads", "1",
               *changes(rule, ticks)]
    subprocess.run(["sh", "-c", shlex.join(command) + "; exit $?"], cwd=folder, check=True)  # a small parent
    with volley.read(os.path.join(folder, "memory.h5")) as result:
        return float(result.file["provenance"].attrs["peak_rss_mb"]) * MB


def draw(found, file):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(6, 3.6), layout="constrained")
    for rule, points in found.items():
        ticks = [t for t in points if t <= 10_000]
        line, = axes.plot(ticks, [points[t][0] / MB for t in ticks], "o-", label=f"{rule}: peak of the process")
        base = points[ticks[0]][0] - points[ticks[0]][1]
        told = [(base + points[t][1]) / MB for t in ticks]
        axes.plot(ticks, told, ":", color=line.get_color(), label=f"{rule}: predicted")
    axes.set(xscale="log", xlabel="ticks of a trial", ylabel="memory (MB)", ylim=(0, None))
    axes.legend(frameon=False)
    figure.savefig(file, dpi=120)


def main(pictures):
    found = {}
    print("| rule | ticks | peak (MB) | predicted (MB) of trials and traces |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rule, many in TICKS.items():
            found[rule] = {t: (peak(rule, t, folder), predicted(rule, t)) for t in many}
            for t, (bytes_, told) in found[rule].items():
                print(f"| `{rule}` | {t:,} | {bytes_ / MB:.1f} | {told / MB:.3g} |", flush=True)

    def growth(rule, k):
        short, long = 10_000, TICKS[rule][-1]  # shorter trials have room in what reading took
        return (found[rule][long][k] - found[rule][short][k]) / (long - short)
    print(f"\nbytes a tick: ostl {growth('ostl', 0):.2f}, bptt {growth('bptt', 0):.0f}, "
          f"predicted {growth('bptt', 1):.0f}")
    for file in pictures:
        draw(found, file)
    assert growth("ostl", 0) < 1 and abs(growth("bptt", 0) / growth("bptt", 1) - 1) < 0.2


if __name__ == "__main__":
    main(sys.argv[1:])
