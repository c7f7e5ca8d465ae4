# SPDX-License-Identifier: Apache-2.0
"""sparse_quiet in Brian2."""
import brian2_run
import protocol
from brian2 import Hz, NeuronGroup, PoissonGroup, Synapses, ms, mV

o = protocol.options(["sparse_quiet"])
brian2_run.prepare(o)

quiet = NeuronGroup(100000, "dv/dt = -v / (20*ms) : volt (unless refractory)", threshold="v >= 20*mV", reset="v = 0*mV",
                    refractory=2 * ms, method="exact")
recurrent = Synapses(quiet, quiet, on_pre="v_post += 0.01*mV", delay=1.5 * ms)
brian2_run.connect(recurrent, 100)
drive = PoissonGroup(1000, 1 * Hz)
kicks = Synapses(drive, quiet, on_pre="v_post += 25*mV", delay=1.5 * ms)
kicks.connect(j="i")
brian2_run.measure(o, [quiet, recurrent, drive, kicks], quiet, 10000.0)
