# SPDX-License-Identifier: Apache-2.0
"""Measures what the parts of a simulation cost, on small networks, and predicts from that the full benchmark workloads;
called by scripts/bench.sh --cost-model.

  cost = a events + b spikes blocks + c windows blocks + d candidates

a differs between synaptic arrivals, superposed streams and plastic events, a and d between kinds of neurons (elements
of a linear neuron's state, or clocked). A spike enters a block once for each projection and delay that its row there
has; b counts these slices, as expected from the experiment, as if all populations fired alike. The engine does not
count its candidates, neurons that it searches for a crossing; what stands for them is the time that neurons spend with
a drive above threshold, or the steps of clocked neurons.

Costs are processor time of one thread, as the difference between a long and a short simulation of one network, so that
neither building nor waiting for a busy machine counts; medians of repetitions. Coefficients are the non-negative ones
with the least sum of squared relative errors. Nothing is asserted: the table is for people to read.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from math import erf, sqrt
from pathlib import Path
from statistics import median

import numpy as np
import yaml

from workloads import BY_NAME, ROOT

KINDS = {"lif": "1 element", "lif_exp": "2 elements", "lif_exp2": "3 elements", "lif_cond": "clocked"}
MOST_NEURONS = 65536  # of a block
SPREAD = "{normal: {mean: 1.5 ms, sd: 0.75 ms, min: 0.05 ms, quantise: 0.1 ms}}"  # as in the microcircuit


@dataclass
class Network:
    base: str                                    # workload
    what: str                                    # how it differs from its base
    ms: tuple                                    # the two simulated times
    settings: dict = field(default_factory=dict)


SHORT = {name: "0.1 ms" if name == "coba" else "0.002 ms" for name in BY_NAME}  # delays; a tick at least


def variants(base, ms, indegrees, changes):
    small = {k: v for k, v in BY_NAME[base].small.items() if k != "phases"}
    few = {f"projections.{k}.connect.fixed_indegree.indegree": n for k, n in enumerate(indegrees)}
    changes = {"small": {}, "fewer synapses": few, "short windows": {"projections.*.delay": SHORT[base]}, **changes}
    return [Network(base, what, ms, {**small, **settings}) for what, settings in changes.items()]


def blocks(size):
    return {"many blocks": {"engine.block_size": size},
            "spread delays": {"projections.*.delay": SPREAD},
            "short windows, many blocks": {"engine.block_size": size, "projections.*.delay": SHORT["cuba"]}}


# Not many blocks with streams: smaller than the stimulators' chunks, each would draw its chunks whole.
WEAK = {"weaker drive": {f"populations.drive_{p}.parameters.rate": "12 kHz" for p in "EI"}}
FITTED = [*variants("brunel_delta", (50, 550), (250, 62), WEAK),
          *variants("brunel_dc", (50, 550), (250, 62), blocks(500)),
          *variants("brunel_exp", (50, 450), (250, 62), WEAK),
          *variants("brunel_stdp", (50, 350), (250, 250, 62), {}),
          *variants("cuba", (100, 2100), (32, 8), blocks(500)),
          *variants("coba", (100, 2100), (32, 8),
                    {"many blocks": {"engine.block_size": 500}})]
PREDICTED = {"brunel_delta": (100, 1100), "brunel_dc": (100, 1100), "brunel_exp": (100, 1100),
             "brunel_stdp": (100, 1100), "cuba": (100, 5100), "coba": (100, 5100), "sparse_quiet": (1000, 101000),
             "microcircuit_tenth": (100, 1100)}


def measure(volley, file, settings, ms, folder):
    """Statistics of one run and the processor time of its process."""
    options = [x for path, value in settings.items() for x in ("--set", f"{path}={value}")]
    command = [volley, "run", file, *options, "--set", f"phases=[{{simulate: {ms} ms}}]", "--threads", "1", "--quiet",
               "--output", "cost.h5", "--overwrite", "--stats", "cost.json"]
    process = subprocess.Popen([str(c) for c in command], cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed")
    return json.loads((Path(folder) / "cost.json").read_text()), usage.ru_utime + usage.ru_stime


def milliseconds(text):
    number, unit = str(text).split()
    return float(number) * {"s": 1000.0, "ms": 1.0, "us": 0.001}[unit]


def driven(population):
    """A lif neuron whose potential crosses threshold without input; numbers are in mV, pA, pF and ms."""
    p = {k: float(str(v).split()[0]) for k, v in population["parameters"].items()}
    return p["E_L"] + p.get("I_e", 0.0) * p["tau_m"] / p.get("C_m", 1.0) > p["V_th"] if "tau_m" in p else False


def plastic_share(experiment):
    """The share of the synapses between neurons that a rule changes. Of a fixed in-degree only, as in brunel_stdp."""
    sizes = {name: p["size"] for name, p in experiment["populations"].items() if "neuron" in p}
    count = {True: 0, False: 0}
    for p in experiment["projections"]:
        into = p["to"] if isinstance(p["to"], list) else [p["to"]]
        if p["from"] in sizes and isinstance(p["connect"], dict) and "fixed_indegree" in p["connect"]:
            count["plasticity" in p] += p["connect"]["fixed_indegree"]["indegree"] * sum(sizes[name] for name in into)
    return count[True] / max(1, sum(count.values()))


def share_of_delays(delay):
    """The probabilities of the delays of a projection: a constant, or a normal distribution that is quantised."""
    if not isinstance(delay, dict):
        return [1.0]
    d = {k: milliseconds(v) for k, v in delay["normal"].items()}

    def below(x):
        return 0.5 * (1.0 + erf((x - d["mean"]) / (sqrt(2.0) * d["sd"])))

    first, step = max(1, round(d["min"] / d["quantise"])), d["quantise"]
    classes = range(first, round((d["mean"] + 6.0 * d["sd"]) / step))
    p = [below((k + 0.5) * step) - below((k - 0.5) * step) for k in classes]
    return [x / sum(p) for x in p]


def slices(experiment, blocks):
    """Of a spike of a neuron of any population: expected (projection, delay) pairs over all blocks that it reaches."""
    sizes = {name: p["size"] for name, p in experiment["populations"].items() if "neuron" in p}
    total = 0.0
    for p in experiment["projections"]:
        if p["from"] not in sizes:
            continue
        into = sum(sizes[name] for name in (p["to"] if isinstance(p["to"], list) else [p["to"]]))
        ((rule, n),) = p["connect"].items()
        row = (n["number"] if rule == "fixed_total_number" else n["indegree"] * into) / sizes[p["from"]] / blocks
        met = sum(1.0 - (1.0 - share) ** row for share in share_of_delays(p["delay"]))
        total += sizes[p["from"]] * blocks * met
    return total / sum(sizes.values())


def features(experiment, block_size, s):
    """What a run did: {coefficient: count}."""
    neurons = [p for p in experiment["populations"].values() if "neuron" in p]
    kind = KINDS[neurons[0]["neuron"]]
    cohorts = {}  # populations that share blocks
    for p in neurons:
        cohorts[driven(p)] = cohorts.get(driven(p), 0) + p["size"]
    blocks = sum(-(-n // min(block_size, MOST_NEURONS)) for n in cohorts.values())
    ms = s["sim_time_ms"]
    form = "clocked" if kind == "clocked" else "linear"
    out = {f"event, {kind}": s["synaptic_events"],
           f"slice of a spike, {form}": s["spikes"] * slices(experiment, blocks),
           f"window and block, {form}": ms / s["window_ms"] * blocks}
    streams = kind != "clocked" and s["external_events"]
    out[f"event of a stream, {kind}"] = streams if streams else 0
    out["plastic event"] = 2 * s["synaptic_events"] * plastic_share(experiment)  # one at each end
    if kind == "clocked":
        out["neuron and step"] = s["neurons"] * ms / milliseconds(experiment["tick"])
    else:
        out[f"driven neuron and ms, {kind}"] = cohorts.get(True, 0) * ms
    return {k: float(v) for k, v in out.items() if v}


def set_values(experiment, settings):
    """The settings that features() reads, as --set would do."""
    for path, value in settings.items():
        keys = path.split(".")
        if keys[0] == "populations" and keys[-1] == "size":
            experiment["populations"][keys[1]]["size"] = value
        elif path == "projections.*.delay":
            for p in experiment["projections"]:
                p["delay"] = yaml.safe_load(value)
        elif keys[-1] == "indegree":
            experiment["projections"][int(keys[1])]["connect"]["fixed_indegree"]["indegree"] = value
    return experiment


def observe(volley, network, repetitions):
    """({coefficient: count}, ns) of the longer simulation beyond the shorter one."""
    with tempfile.TemporaryDirectory(prefix="volley_cost_") as folder:
        file = BY_NAME[network.base].experiment(folder)
        experiment = set_values(yaml.safe_load(file.read_text()), network.settings)
        block_size = network.settings.get("engine.block_size", MOST_NEURONS)
        costs = []
        for _ in range(repetitions):
            short, long = (measure(volley, file, network.settings, ms, folder) for ms in network.ms)
            costs.append(1e9 * (long[1] - short[1]))
    few, many = (features(experiment, block_size, s) for s in (short[0], long[0]))
    return {k: many[k] - few.get(k, 0.0) for k in many}, median(costs)


def fit(observed):
    """Non-negative least squares of relative errors, by dropping what would be negative: {coefficient: ns}."""
    names = sorted({k for counts, _ in observed for k in counts})
    while True:
        A = np.array([[counts.get(k, 0.0) / cost for k in names] for counts, cost in observed])
        scale = np.linalg.norm(A, axis=0)
        x = np.linalg.lstsq(A / scale, np.ones(len(observed)), rcond=None)[0] / scale
        if (x >= 0).all():
            return dict(zip(names, x.tolist()))
        names.pop(int(np.argmin(x * scale)))


def predict(coefficients, counts):
    return sum(coefficients.get(k, 0.0) * n for k, n in counts.items())


def table(head, rows):
    return "\n".join([f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]])


def comparison(coefficients, rows):
    """rows: (name, counts, measured ns)"""
    lines = []
    for name, counts, cost in rows:
        p = predict(coefficients, counts)
        largest = max(counts, key=lambda k: coefficients.get(k, 0.0) * counts[k])
        lines.append([name, f"{cost / 1e9:.3g}", f"{p / 1e9:.3g}", f"{p / cost - 1:+.0%}",
                      f"{largest}: {coefficients.get(largest, 0.0) * counts[largest] / p:.0%}"])
    return table(["network", "measured, s", "predicted, s", "error", "largest part"], lines)


def main():
    o = argparse.ArgumentParser(prog="scripts/bench.sh --cost-model", description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    o.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=f"to predict; default: {', '.join(PREDICTED)}")
    o.add_argument("--repetitions", type=int, default=5)
    o.add_argument("--output", type=Path, default=Path("results/cost_model.md"))
    o.add_argument("--volley", default=ROOT / "build/release/volley", help=argparse.SUPPRESS)
    o = o.parse_args()
    names = o.workloads or list(PREDICTED)
    if unknown := [w for w in names if w not in PREDICTED]:
        sys.exit(f"no such workload: {', '.join(unknown)}; there are: {', '.join(PREDICTED)}")

    def rows(networks):
        out = []
        for n in networks:
            out.append((f"{n.base}, {n.what}" if n.what else n.base, *observe(o.volley, n, o.repetitions)))
            print(f"{out[-1][0]}: {out[-1][2] / 1e9:.3g} s", file=sys.stderr)
        return out

    fitted = rows(FITTED)
    predicted = rows(Network(name, "", PREDICTED[name]) for name in names)
    coefficients = fit([row[1:] for row in fitted])
    text = "\n\n".join([table(["coefficient", "ns"], [[k, f"{v:.3g}"] for k, v in coefficients.items()]),
                        "Fitted:", comparison(coefficients, fitted),
                        "Predicted:", comparison(coefficients, predicted)]) + "\n"
    o.output.parent.mkdir(parents=True, exist_ok=True)
    o.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
