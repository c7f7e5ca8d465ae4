# SPDX-License-Identifier: Apache-2.0
"""sparse_quiet in NEST."""
import nest
import nest_run
import protocol

o = protocol.options(["sparse_quiet"])
nest_run.prepare(o.threads)


def build():
    cell = {"tau_m": 20.0, "C_m": 250.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 0.0, "t_ref": 2.0, "V_m": 0.0}
    quiet = nest.Create("iaf_psc_delta", 100000, cell)
    drive = nest.Create("poisson_generator", params={"rate": 1.0})
    nest.Connect(quiet, quiet, {"rule": "fixed_indegree", "indegree": 100}, {"weight": 0.01, "delay": 1.5})
    nest.Connect(drive, quiet[:1000], "all_to_all", {"weight": 25.0, "delay": 1.5})
    return len(quiet)


nest_run.measure(build, 10000.0)
