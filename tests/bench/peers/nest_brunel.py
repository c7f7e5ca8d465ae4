# SPDX-License-Identifier: Apache-2.0
"""brunel_delta, brunel_dc, brunel_exp and brunel_stdp in NEST."""
import nest
import nest_run
import protocol

o = protocol.options(["brunel_delta", "brunel_dc", "brunel_exp", "brunel_stdp"])
nest_run.prepare(o.threads)


def build():
    cell = {"tau_m": 20.0, "C_m": 250.0, "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0, "V_m": 0.0}
    model, weight = "iaf_psc_delta", 0.1
    if o.network == "brunel_dc":
        cell.update(I_e=500.0, V_m=nest.random.uniform(0.0, 20.0))
    if o.network == "brunel_exp":
        model, weight = "iaf_psc_exp", 12.5  # pA
        cell.update(tau_syn_ex=2.0, tau_syn_in=2.0)
    if o.network == "brunel_stdp":
        cell["tau_minus"] = 20.0
    E, I = nest.Create(model, 10000, cell), nest.Create(model, 2500, cell)

    inputs = lambda n: {"rule": "fixed_indegree", "indegree": n, "allow_autapses": True, "allow_multapses": True}
    static = lambda w: {"synapse_model": "static_synapse", "weight": w, "delay": 1.5}
    within_E = static(weight)
    if o.network == "brunel_stdp":
        nest.CopyModel("stdp_synapse", "additive", {"tau_plus": 20.0, "lambda": 1e-3, "alpha": 1.05, "mu_plus": 0.0,
                                                    "mu_minus": 0.0, "Wmax": 0.2})
        within_E = {"synapse_model": "additive", "weight": weight, "delay": 1.5}
    nest.Connect(E, E, inputs(1000), within_E)
    nest.Connect(E, I, inputs(1000), static(weight))
    nest.Connect(I, E + I, inputs(250), static(-5 * weight))
    if o.network != "brunel_dc":
        drive = nest.Create("poisson_generator", params={"rate": 20000.0})  # a train of its own for each target
        nest.Connect(drive, E + I, "all_to_all", static(weight))
    return len(E) + len(I)


nest_run.measure(build, 1000.0)
