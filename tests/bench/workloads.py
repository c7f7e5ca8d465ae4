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
    needs_mb: int = 1000

    def experiment(self, folder):
        """The path of its experiment file."""
        if not self.made:
            return EXPERIMENTS / f"{self.name}.yaml"
        path = Path(folder) / f"{self.name}.yaml"
        path.write_text(subprocess.run([sys.executable, EXPERIMENTS / "make_microcircuit.py", *self.made], check=True,
                                       capture_output=True, text=True).stdout)
        return path


def both(script):
    return {"nest": f"nest_{script}.py", "brian2": f"brian2_{script}.py"}


WORKLOADS = [
    Workload("brunel_delta", both("brunel")),
    Workload("brunel_dc", both("brunel")),
    Workload("brunel_exp", both("brunel")),
    Workload("brunel_stdp", both("brunel"), needs_mb=2000),
    Workload("cuba", both("vogels_abbott")),
    Workload("coba", both("vogels_abbott")),
    Workload("sparse_quiet", both("sparse_quiet"), needs_mb=2000),
    Workload("microcircuit_tenth", {"nest": "nest_microcircuit.py"},
             made=("--scale", "0.1", "--indegrees", "0.1", "--drive", "poisson")),
    Workload("microcircuit", needs_mb=6000),
    Workload("microcircuit_poisson", needs_mb=6000),
]
BY_NAME = {w.name: w for w in WORKLOADS}
