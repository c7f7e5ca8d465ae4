# SPDX-License-Identifier: Apache-2.0
"""brunel_delta, brunel_dc, brunel_exp and brunel_stdp in Brian2."""
import brian2_run
import protocol
from brian2 import NeuronGroup, PoissonInput, Synapses, Hz, ms, mV

o = protocol.options(["brunel_delta", "brunel_dc", "brunel_exp", "brunel_stdp"])
brian2_run.prepare(o)
N_E, N_I = 10000, 2500

# The exponential current in mV, as what it adds to V_inf: 12.5 pA * 20 ms / 250 pF = 1 mV.
exponential = o.network == "brunel_exp"
equations = "dv/dt = (drive - v + x) / (20*ms) : volt (unless refractory)\ndx/dt = -x / (2*ms) : volt" if exponential \
    else "dv/dt = (drive - v) / (20*ms) : volt (unless refractory)"
drive = (40 if o.network == "brunel_dc" else 0) * mV
cells = NeuronGroup(N_E + N_I, equations, threshold="v >= 20*mV", reset="v = 10*mV", refractory=2 * ms, method="exact",
                    namespace={"drive": drive})
if o.network == "brunel_dc":
    cells.v = "rand() * 20*mV"
E, I = cells[:N_E], cells[N_E:]
target, w = ("x", 1.0 * mV) if exponential else ("v", 0.1 * mV)


def static(source, group, indegree, weight):
    s = Synapses(source, group, on_pre=f"{target}_post += weight", delay=1.5 * ms, namespace={"weight": weight})
    brian2_run.connect(s, indegree)
    return s


objects = [cells, static(I, cells, 250, -5 * w)]
if o.network == "brunel_stdp":
    plastic = Synapses(E, E, """w : volt
                                dx/dt = -x / (20*ms) : 1 (event-driven)
                                dy/dt = -y / (20*ms) : 1 (event-driven)""",
                       on_pre="v_post += w\nw = clip(w - 0.00021*mV * y, 0*mV, 0.2*mV)\nx += 1",
                       on_post="w = clip(w + 0.0002*mV * x, 0*mV, 0.2*mV)\ny += 1", delay={"pre": 1.5 * ms})
    brian2_run.connect(plastic, 1000)
    plastic.w = w
    objects += [plastic, static(E, I, 1000, w)]
else:
    objects.append(static(E, cells, 1000, w))
if o.network != "brunel_dc":
    objects.append(PoissonInput(cells, target, N=1000, rate=20 * Hz, weight=w))
brian2_run.measure(o, objects, cells, 1000.0)
