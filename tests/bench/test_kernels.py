# SPDX-License-Identifier: Apache-2.0
"""Every micro-benchmark runs and tells what an event costs and the least that it could cost. No time is asserted."""
import json
import os
import subprocess
from math import isfinite
from pathlib import Path

import pytest

KERNELS = Path(os.environ["VOLLEY_BUILD"]) / "tests/bench/bench_kernels"


@pytest.mark.skipif(not KERNELS.exists(), reason="built with -DVOLLEY_BENCHMARKS=ON, as the preset dev is")
def test_every_kernel_is_measured_beside_its_limit():
    done = subprocess.run([KERNELS, "--benchmark_min_time=0.001", "--benchmark_format=json"], check=True,
                          capture_output=True, text=True)
    measured = json.loads(done.stdout)["benchmarks"]
    families = {b["name"].split("/")[0] for b in measured}
    assert families == {"deliver_rows", "deliver_stream", "scan", "move_frame", "first_crossing", "no_crossing_before",
                        "on_pre", "on_post", "push_and_take", "poisson", "spikes", "plain_file"}
    for b in measured:
        assert not b.get("error_occurred"), b
        assert all(isfinite(b[k]) and b[k] > 0 for k in ("ns_event", "ns_limit", "times_limit")), b
