# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark workloads and prints what they took; called by scripts/bench.sh.

Every repetition runs all contenders of a workload in turn (Volley, NEST, Brian2, Volley, ...), so that a machine that
is busy with other things slows all of them. Ratios are taken within a repetition. Nothing is asserted: times are for
people to read.
"""
import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

from workloads import BY_NAME, ROOT, WORKLOADS

PEERS = ROOT / "tests/bench/peers"
PEER_PYTHON = {"nest": os.environ.get("NEST_PYTHON", sys.executable),
               "brian2": os.environ.get("BRIAN2_PYTHON", sys.executable)}


def run(command, folder, threads):
    """What the command printed, and the processor time of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(c) for c in command], cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}failed with {done.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_volley(volley, workload, threads, folder):
    out, cpu_s = run([volley, "run", workload.experiment(folder), "--threads", threads, "--output", "volley.h5",
                      "--overwrite", "--quiet", "--stats", "-"], folder, threads)
    s = json.loads(out)
    keys = ("build_s", "simulate_s", "spikes", "synaptic_events", "external_events", "synapses", "bytes_per_synapse",
            "peak_rss_mb")
    return {"version": "Volley " + s["version"], **{k: s[k] for k in keys}, "cpu_s": cpu_s,
            "rate_hz": s["spikes"] / s["neurons"] / (s["sim_time_ms"] / 1000),
            "ns_per_event": 1e9 * s["simulate_s"] / max(1, s["synaptic_events"] + s["external_events"])}


def run_peer(peer, workload, threads, folder):
    out, cpu_s = run([PEER_PYTHON[peer], "-W", "ignore", PEERS / workload.peers[peer], workload.name,
                      "--threads", threads, "--folder", folder], folder, threads)
    return {**json.loads(out.splitlines()[-1]), "cpu_s": cpu_s}  # peers greet before they report


def installed(peer):
    return subprocess.run([PEER_PYTHON[peer], "-c", f"import {peer}"], capture_output=True).returncode == 0


def machine():
    cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
               platform.machine())
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {"time": datetime.now(timezone.utc).isoformat(timespec="seconds"), "cpu": cpu, "cores": os.cpu_count(),
            "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
            "load": os.getloadavg()[0], "commit": commit.stdout.strip()}


def measure(o, peers):
    """{workload: {threads: {contender: [a dictionary a repetition]}}}"""
    results = {}
    for name in o.workloads:
        workload = BY_NAME[name]
        if workload.needs_mb > machine()["memory_mb"]:
            print(f"{name}: left out, it needs {workload.needs_mb} MB", file=sys.stderr)
            continue
        for threads in o.threads:
            contenders = ["volley"] + [p for p in peers if p in workload.peers]
            with tempfile.TemporaryDirectory(prefix="volley_bench_") as folder:
                for repetition in range(o.repetitions):
                    for who in contenders:
                        figures = (run_volley(o.volley, workload, threads, folder) if who == "volley"
                                   else run_peer(who, workload, threads, folder))
                        figures["load"] = os.getloadavg()[0]
                        results.setdefault(name, {}).setdefault(threads, {}).setdefault(who, []).append(figures)
                        print(f"{name}, {threads} thread(s), {repetition + 1} of {o.repetitions}, {who}: "
                              f"{figures['simulate_s']:.3g} s, {figures['rate_hz']:.4g} Hz", file=sys.stderr)
    return results


def spread(values, form):
    """median (min to max)"""
    values = sorted(values)
    text = form.format(median(values))
    return text if len(values) == 1 else f"{text} ({form.format(values[0])} to {form.format(values[-1])})"


def table(head, rows):
    return "\n".join([f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]])


def own_table(results):
    rows = []
    for name, by_threads in results.items():
        for threads, by_contender in by_threads.items():
            runs = by_contender["volley"]
            events = runs[0]["synaptic_events"] + runs[0]["external_events"]
            rows.append([name, str(threads), spread([r["simulate_s"] for r in runs], "{:.3g}"), f"{events:.3g}",
                         spread([r["ns_per_event"] for r in runs], "{:.3g}"), f"{runs[0]['rate_hz']:.4g}",
                         f"{median(r['build_s'] for r in runs):.3g}", f"{max(r['peak_rss_mb'] for r in runs):.0f}"])
    return table(["workload", "threads", "simulate_s", "events", "ns per event", "rate, Hz", "build_s", "peak MB"],
                 rows)


def peer_table(results):
    rows = []
    for name, by_threads in results.items():
        for threads, by_contender in by_threads.items():
            own = by_contender["volley"]
            for peer in (p for p in by_contender if p != "volley"):
                runs = by_contender[peer]
                ratios = [theirs["simulate_s"] / ours["simulate_s"] for ours, theirs in zip(own, runs)]
                rows.append([name, str(threads), runs[0]["version"], spread([r["simulate_s"] for r in runs], "{:.3g}"),
                             spread([r["simulate_s"] for r in own], "{:.3g}"), spread(ratios, "{:.3g}"),
                             f"{runs[0]['rate_hz']:.4g} / {own[0]['rate_hz']:.4g}",
                             f"{max(r['peak_rss_mb'] for r in runs):.0f} / {max(r['peak_rss_mb'] for r in own):.0f}"])
    return table(["workload", "threads", "peer", "its simulate_s", "Volley's", "ratio", "rates, Hz", "peak MB"], rows)


def report(about, results, peers):
    text = (f"{about['cpu']}, {about['cores']} cores, load {about['load']:.1f} at the start; {about['commit']}. "
            f"Medians (least to greatest) of {about['repetitions']} repetitions.\n\n{own_table(results)}\n")
    return text + (f"\nIn turn with peers, resolution 0.1 ms:\n\n{peer_table(results)}\n" if peers else "")


def main():
    o = argparse.ArgumentParser(prog="scripts/bench.sh", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"default: all, {', '.join(BY_NAME)}")
    o.add_argument("--repetitions", type=int, default=5)
    o.add_argument("--threads", type=lambda s: [int(n) for n in s.split(",")], default=[1], help="a list: 1,2 (1)")
    o.add_argument("--peers", action="store_true", help="also in NEST and Brian2, where Python can import them: "
                   "NEST_PYTHON, BRIAN2_PYTHON name another interpreter")
    o.add_argument("--output", type=Path, default=Path("results/bench"), help="writes FILE.json and FILE.md")
    o.add_argument("--volley", default=ROOT / "build/release/volley", help=argparse.SUPPRESS)
    o = o.parse_args()
    o.workloads = o.workloads or [w.name for w in WORKLOADS]
    if unknown := [w for w in o.workloads if w not in BY_NAME]:
        sys.exit(f"no such workload: {', '.join(unknown)}; there are: {', '.join(BY_NAME)}")
    peers = [p for p in PEER_PYTHON if o.peers and installed(p)]
    for peer in set(PEER_PYTHON) - set(peers) if o.peers else []:
        print(f"{PEER_PYTHON[peer]} cannot import {peer}: left out", file=sys.stderr)

    about = {**machine(), "repetitions": o.repetitions}
    results = measure(o, peers)
    text = report(about, results, peers)
    o.output.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{o.output}.json").write_text(json.dumps({"about": about, "results": results}, indent=1) + "\n")
    Path(f"{o.output}.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
