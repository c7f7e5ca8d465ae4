# SPDX-License-Identifier: Apache-2.0
"""How every network is measured in Brian2: its C++ standalone mode with its own compiler flags, double precision, steps
of 0.1 ms. Compiling is not counted."""
import os
import subprocess

import brian2
import protocol
from brian2 import ms, prefs

WARMUP = protocol.WARMUP_MS * ms


def prepare(options):
    brian2.set_device("cpp_standalone", build_on_run=False)
    prefs.devices.cpp_standalone.openmp_threads = options.threads if options.threads > 1 else 0
    brian2.defaultclock.dt = 0.1 * ms
    brian2.seed(1)


def connect(synapses, indegree):
    """Each target gets `indegree` sources, drawn with replacement."""
    synapses.connect(i=f"int(rand() * N_pre) for _k in range({indegree})")


def measure(options, objects, neurons, sim_time_ms):
    """Simulates the objects; counts the spikes of the group `neurons` without recording them."""
    network = brian2.Network(objects)
    network.run(WARMUP)
    counter = brian2.SpikeMonitor(neurons, record=False)
    network.add(counter)
    network.run(sim_time_ms * ms)
    folder = os.path.join(options.folder, "brian2")
    device = brian2.get_device()
    device.build(directory=folder, compile=True, run=False, with_output=False)

    # What device.run() does, with the memory of this one process known.
    child = subprocess.Popen(["./main"], cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert status == 0, "Brian2's program failed"
    device.has_been_run = True
    with open(os.path.join(folder, "results/last_run_info.txt")) as f:
        simulate_s = float(f.read().split()[0])  # of the last run(), the measured one
    protocol.report("Brian2 " + brian2.__version__, None, simulate_s, sim_time_ms, len(neurons),
                    int(counter.num_spikes), usage.ru_maxrss / 1024)
