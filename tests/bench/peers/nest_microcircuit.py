# SPDX-License-Identifier: Apache-2.0
"""microcircuit_tenth in NEST: a tenth of the neurons with a tenth of their inputs, Poisson drive."""
import sys
from math import sqrt
from pathlib import Path

import nest
import nest_run
import protocol

sys.path.insert(0, str(Path(__file__).parents[3] / "experiments/benchmarks"))
import make_microcircuit as circuit  # noqa: E402

o = protocol.options(["microcircuit_tenth"])
nest_run.prepare(o.threads)
SCALE = INDEGREES = 0.1


def build():
    cell = {"tau_m": 10.0, "C_m": 250.0, "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "t_ref": 2.0,
            "tau_syn_ex": circuit.TAU_SYN, "tau_syn_in": circuit.TAU_SYN, "V_m": nest.random.normal(-58.0, 10.0)}
    layers = []
    for p, size in enumerate(circuit.SIZES):
        cell["I_e"] = circuit.constant_current(p, "poisson", INDEGREES)
        layers.append(nest.Create("iaf_psc_exp", round(size * SCALE), cell))
        drive = nest.Create("poisson_generator",
                            params={"rate": circuit.EXTERNAL_INPUTS[p] * circuit.EXTERNAL_RATE * INDEGREES})
        nest.Connect(drive, layers[p], "all_to_all", {"weight": circuit.WEIGHT / sqrt(INDEGREES), "delay": 1.5})
    for target, source in circuit.PAIRS:
        w, delay = circuit.weight(target, source) / sqrt(INDEGREES), circuit.DELAYS[circuit.kind(source)]
        bounds = {"min": 0.0, "max": 1e9} if w > 0 else {"min": -1e9, "max": 0.0}
        weights = nest.math.redraw(nest.random.normal(w, abs(w) * circuit.RELATIVE_SD), **bounds)
        delays = nest.math.redraw(nest.random.normal(delay, delay / 2), min=0.05, max=100.0)
        nest.Connect(layers[source], layers[target],
                     {"rule": "fixed_total_number", "N": round(circuit.synapses(target, source) * SCALE * INDEGREES)},
                     {"weight": weights, "delay": delays})
    return sum(map(len, layers))


nest_run.measure(build, 1000.0)
