# SPDX-License-Identifier: Apache-2.0
"""How every network is measured in NEST: resolution 0.1 ms, no recording."""
import time

import nest
import protocol


def prepare(threads):
    nest.set(verbosity=nest.VerbosityLevel.ERROR if hasattr(nest, "VerbosityLevel") else "M_ERROR")
    nest.ResetKernel()
    nest.set(resolution=0.1, local_num_threads=threads, rng_seed=1)


def measure(build, sim_time_ms):
    """build() makes the network and returns the number of its neurons."""
    start = time.perf_counter()
    neurons = build()
    nest.Prepare()
    build_s = time.perf_counter() - start
    nest.Run(protocol.WARMUP_MS)
    start = time.perf_counter()
    nest.Run(sim_time_ms)
    simulate_s = time.perf_counter() - start
    spikes = nest.local_spike_counter  # of the last Run
    nest.Cleanup()
    protocol.report("NEST " + nest.__version__, build_s, simulate_s, sim_time_ms, neurons, spikes, protocol.peak_mb())
