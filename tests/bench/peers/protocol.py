# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/bench.py and the peers' scripts agree on.

  PYTHON SCRIPT NETWORK --threads N --folder FOLDER

builds the network, simulates 0.1 s of warm-up, then the measured time, and prints one line of JSON. FOLDER may be used
for files; it is kept between repetitions.
"""
import argparse
import json
import os
import resource

WARMUP_MS = 100.0


def options(networks):
    o = argparse.ArgumentParser()
    o.add_argument("network", choices=networks)
    o.add_argument("--threads", type=int, default=1)
    o.add_argument("--folder", default=".")
    return o.parse_args()


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(version, build_s, simulate_s, sim_time_ms, neurons, spikes, peak_rss_mb):
    """`neurons` and `spikes`: of the measured time, without stimulators. build_s: None where it cannot be told."""
    print(json.dumps({"version": version, "build_s": build_s, "simulate_s": simulate_s, "spikes": spikes,
                      "rate_hz": spikes / neurons / (sim_time_ms / 1000), "peak_rss_mb": peak_rss_mb}), flush=True)
