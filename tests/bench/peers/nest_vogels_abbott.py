# SPDX-License-Identifier: Apache-2.0
"""cuba and coba in NEST."""
import nest
import nest_run
import protocol

o = protocol.options(["cuba", "coba"])
nest_run.prepare(o.threads)


def build():
    cell = {"C_m": 200.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0, "tau_syn_ex": 5.0, "tau_syn_in": 10.0,
            "V_m": nest.random.uniform(-60.0, -50.0)}
    if o.network == "cuba":
        model, exc, inh, delay = "iaf_psc_exp", 16.2, -90.0, 0.1  # pA
        cell.update(tau_m=20.0, E_L=-49.0)
    else:
        model, exc, inh, delay = "iaf_cond_exp", 4.0, -51.0, 0.8  # nS; the sign chooses the reversal potential
        cell.update(g_L=10.0, E_L=-60.0, E_ex=0.0, E_in=-80.0, I_e=200.0)
    E, I = nest.Create(model, 3200, cell), nest.Create(model, 800, cell)
    inputs = lambda n: {"rule": "fixed_indegree", "indegree": n, "allow_autapses": True, "allow_multapses": True}
    nest.Connect(E, E + I, inputs(64), {"weight": exc, "delay": delay})
    nest.Connect(I, E + I, inputs(16), {"weight": inh, "delay": delay})
    return len(E) + len(I)


nest_run.measure(build, 10000.0)
