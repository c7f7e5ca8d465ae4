# SPDX-License-Identifier: Apache-2.0
"""Times training on the workloads of experiments/benchmarks/training; called by scripts/bench.sh --training.

As in bench.py, every repetition runs all contenders in turn, Volley first: PyTorch, eager and as TorchScript, begins
with the weights of Volley's run. Seconds are of the faster of two epochs, without validation. Losses after the first
epoch are shown side by side: they must agree where nothing is random, and in mean where the code of spikes is.
Data that the project does not contain are looked for in VOLLEY_DATA (python3 -m volley get-data).
"""
import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

import h5py

from bench import PEER_PYTHON, PEERS, ROOT, installed, machine, run, spread, table

PEER_PYTHON.setdefault("torch", os.environ.get("TORCH_PYTHON", sys.executable))
EXPERIMENTS = ROOT / "experiments/benchmarks/training"
FILES = {"jsb_ssnu": ["jsb_chorales.h5"], "jsb_snu": ["jsb_chorales.h5"], "digits_snu": ["digits.csv.gz"],
         "mnist_snu": ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]}
CONTENDERS = {"torch eager": [], "torch script": ["--script"]}


def find(name):
    """The workload's data files, or none where one is missing."""
    folders = [ROOT / "experiments/snu/data", *os.environ.get("VOLLEY_DATA", "").split(":")]
    found = [next((p for p in (Path(f) / file for f in folders) if p.is_file()), None) for file in FILES[name]]
    return found if all(found) else None


def run_volley(volley, name, threads, epochs, folder):
    run([volley, "run", EXPERIMENTS / f"{name}.yaml", "--threads", threads, "--output", "volley.h5", "--overwrite",
         "--quiet", "--set", f"phases.0.train.epochs={epochs}"], folder, threads)
    with h5py.File(Path(folder) / "volley.h5") as f:
        train = f["training/train"]
        (metric,) = [v for k, v in f["evaluation/test"].attrs.items() if k in ("accuracy", "nll_per_step")]
        return {"version": "Volley", "epoch_s": float(train["seconds"][()].min()), "losses": train["loss"][()].tolist(),
                "test": float(metric)}


def run_torch(name, options, threads, epochs, folder):
    out, _ = run([PEER_PYTHON["torch"], "-W", "ignore", PEERS / "torch_training.py", name, "--threads", threads,
                  "--epochs", epochs, "--start", Path(folder) / "volley.h5", "--data", *find(name), *options], folder,
                 threads)
    return json.loads(out.splitlines()[-1])


def report(about, results):
    rows = []
    for name, runs in results.items():
        own = runs["volley"]
        for who, theirs in runs.items():
            ratio = "" if who == "volley" else spread([t["epoch_s"] / o["epoch_s"] for o, t in zip(own, theirs)], "{:.3g}")
            rows.append([name, theirs[0]["version"], spread([t["epoch_s"] for t in theirs], "{:.3g}"), ratio,
                         f"{median(t['losses'][0] for t in theirs):.5g}"])
    return (f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f} at the start; {about['commit']}; "
            f"{about['threads']} thread(s). Medians (least to greatest) of {about['repetitions']} repetitions.\n\n"
            + table(["workload", "program", "seconds an epoch", "times Volley's", "loss of epoch 1"], rows) + "\n")


def main():
    o = argparse.ArgumentParser(prog="scripts/bench.sh --training", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"default: all, {', '.join(FILES)}")
    o.add_argument("--repetitions", type=int, default=5)
    o.add_argument("--epochs", type=int, default=2)
    o.add_argument("--threads", type=int, default=1)
    o.add_argument("--peers", action="store_true", help="also in PyTorch, where Python can import it: TORCH_PYTHON "
                   "names another interpreter")
    o.add_argument("--output", type=Path, default=Path("results/bench_training"), help="writes FILE.json and FILE.md")
    o.add_argument("--volley", default=ROOT / "build/release/volley", help=argparse.SUPPRESS)
    o = o.parse_args()
    o.workloads = o.workloads or list(FILES)
    if unknown := [w for w in o.workloads if w not in FILES]:
        sys.exit(f"no such workload: {', '.join(unknown)}; there are: {', '.join(FILES)}")
    peers = CONTENDERS if o.peers and installed("torch") else {}
    if o.peers and not peers:
        print(f"{PEER_PYTHON['torch']} cannot import torch: left out", file=sys.stderr)

    about, results = {**machine(), "repetitions": o.repetitions, "threads": o.threads}, {}
    for name in o.workloads:
        if not find(name):
            print(f"{name}: left out, VOLLEY_DATA names no folder with {' and '.join(FILES[name])}", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory(prefix="volley_bench_") as folder:
            for repetition in range(o.repetitions):
                for who in ["volley", *peers]:
                    figures = (run_volley(o.volley, name, o.threads, o.epochs, folder) if who == "volley"
                               else run_torch(name, peers[who], o.threads, o.epochs, folder))
                    results.setdefault(name, {}).setdefault(who, []).append(figures)
                    print(f"{name}, {repetition + 1} of {o.repetitions}, {who}: {figures['epoch_s']:.3g} s, loss "
                          f"{figures['losses'][0]:.6g}", file=sys.stderr)
    text = report(about, results)
    o.output.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{o.output}.json").write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n")
    Path(f"{o.output}.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
