# SPDX-License-Identifier: Apache-2.0
"""cuba and coba in Brian2. The method of coba is the one that Brian2 chooses for such equations."""
import brian2_run
import protocol
from brian2 import NeuronGroup, Synapses, ms, mV, nS, pA, pF  # noqa: F401 (units in equations)

o = protocol.options(["cuba", "coba"])
brian2_run.prepare(o)
N_E, N_I = 3200, 800

if o.network == "cuba":  # currents in mV, as what they add to V_inf: 16.2 pA * 20 ms / 200 pF = 1.62 mV
    equations = """dv/dt = (ge + gi - (v + 49*mV)) / (20*ms) : volt (unless refractory)
                   dge/dt = -ge / (5*ms) : volt
                   dgi/dt = -gi / (10*ms) : volt"""
    exc, inh, delay, method = 1.62 * mV, -9 * mV, 0.1 * ms, "exact"
else:
    equations = """dv/dt = (10*nS * (-60*mV - v) + ge * (0*mV - v) + gi * (-80*mV - v) + 200*pA) / (200*pF)
                           : volt (unless refractory)
                   dge/dt = -ge / (5*ms) : siemens
                   dgi/dt = -gi / (10*ms) : siemens"""
    exc, inh, delay, method = 4 * nS, 51 * nS, 0.8 * ms, "exponential_euler"
cells = NeuronGroup(N_E + N_I, equations, threshold="v >= -50*mV", reset="v = -60*mV", refractory=5 * ms, method=method)
cells.v = "-60*mV + rand() * 10*mV"
E, I = cells[:N_E], cells[N_E:]


def static(source, variable, indegree, weight):
    s = Synapses(source, cells, on_pre=f"{variable}_post += weight", delay=delay, namespace={"weight": weight})
    brian2_run.connect(s, indegree)
    return s


brian2_run.measure(o, [cells, static(E, "ge", 64, exc), static(I, "gi", 16, inh)], cells, 10000.0)
