# SPDX-License-Identifier: Apache-2.0
"""The benchmark workloads: their files, smaller versions for counting instructions, and the peers' scripts."""
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPERIMENTS = ROOT / "experiments/benchmarks"


@dataclass(frozen=True)
class Workload:
    name: str
    peers: dict = field(default_factory=dict)  # "nest", "brian2" -> script in tests/bench/peers
    made: tuple = ()                           # options of make_microcircuit.py; else a file of this name
    small: dict = field(default_factory=dict)  # settings of the small version; none: there is none
    small_made: tuple = ()                     # or options of make_microcircuit.py
    needs_mb: int = 1000

    def experiment(self, folder, made=None):
        """The path of its experiment file."""
        made = made or self.made
        if not made:
            return EXPERIMENTS / f"{self.name}.yaml"
        path = Path(folder) / f"{self.name}.yaml"
        path.write_text(subprocess.run([sys.executable, EXPERIMENTS / "make_microcircuit.py", *made], check=True,
                                       capture_output=True, text=True).stdout)
        return path

    def small_experiment(self, folder):
        """Arguments of `volley run` for the small version."""
        settings = [x for path, value in self.small.items() for x in ("--set", f"{path}={value}")]
        return [self.experiment(folder, self.small_made), *settings]


def both(script):
    return {"nest": f"nest_{script}.py", "brian2": f"brian2_{script}.py"}


def brunel(simulated, drive=True):
    sizes = {"E": 2000, "I": 500, **({"drive_E": 2000, "drive_I": 500} if drive else {})}
    return {"phases": f"[{{simulate: {simulated}}}]", **{f"populations.{p}.size": n for p, n in sizes.items()}}


WORKLOADS = [
    Workload("brunel_delta", both("brunel"), small=brunel("100 ms")),
    Workload("brunel_dc", both("brunel"), small=brunel("100 ms", drive=False)),
    Workload("brunel_exp", both("brunel"), small=brunel("100 ms")),
    Workload("brunel_stdp", both("brunel"), small=brunel("50 ms"), needs_mb=2000),
    Workload("cuba", both("vogels_abbott"), small={"phases": "[{simulate: 500 ms}]"}),
    Workload("coba", both("vogels_abbott"), small={"phases": "[{simulate: 100 ms}]"}),
    Workload("sparse_quiet", both("sparse_quiet"), needs_mb=2000,
             small={"phases": "[{simulate: 10 s}]", "populations.quiet.size": 20000}),
    Workload("microcircuit_tenth", {"nest": "nest_microcircuit.py"},
             made=("--scale", "0.1", "--indegrees", "0.1", "--drive", "poisson")),
    Workload("microcircuit", needs_mb=6000, small={"phases": "[{simulate: 100 ms}]"},
             small_made=("--scale", "0.05", "--indegrees", "0.1")),
    Workload("microcircuit_poisson", needs_mb=6000, small={"phases": "[{simulate: 100 ms}]"},
             small_made=("--scale", "0.05", "--indegrees", "0.1", "--drive", "poisson")),
]
BY_NAME = {w.name: w for w in WORKLOADS}
