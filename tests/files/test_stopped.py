# SPDX-License-Identifier: Apache-2.0
"""The command itself, stopped in the middle of a run: by SIGKILL, by Ctrl-C, by a full disk."""
import ctypes
import os
import resource
import signal
import subprocess
import time

import numpy as np
import pytest

import volley
from volley.validate import validate

EXPERIMENT = """
volley: 1
seed: 1
duration: 100000 s
populations:
  E: {neuron: lif, size: 100, parameters: {tau_m: 20 ms, E_L: 0 mV, V_th: 20 mV, V_reset: 10 mV, t_ref: 2 ms}}
  drive: {stimulator: poisson, size: 100, parameters: {rate: 12 kHz}}
projections:
  - {from: drive, to: E, connect: one_to_one, weight: 0.1 mV, delay: 1.5 ms}
record:
  spikes: ["E[0..9]"]
  states: {E: {variables: [V], neurons: 0..2, every: 10 ms}}
  rates: {E: {every: 10 ms}}
"""


def start(folder):
    """The command on a run without end. It dies with this test, and its file cannot fill the disk."""
    (folder / "endless.yaml").write_text(EXPERIMENT)

    def limits():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
        resource.setrlimit(resource.RLIMIT_FSIZE, (256 << 20, 256 << 20))
    return subprocess.Popen([os.environ["VOLLEY"], "run", "endless.yaml", "--quiet", "--output", "out.h5"], cwd=folder,
                            preexec_fn=limits, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def wait_for_spikes(run, path):
    """Spikes that a reader sees while the file grows."""
    for _ in range(300):
        time.sleep(0.1)
        assert run.poll() is None, run.stderr.read()
        try:
            with volley.read(path) as r:
                spikes = r.spikes("E").times
            if len(spikes):
                return spikes
        except volley.Error:
            pass  # not there yet, or a reader met a flush
    pytest.fail("nothing could be read while the file grew")


def check(path, seen):
    checker = validate(path)
    assert checker.problems == [] and checker.checked > 40
    with volley.read(path) as r:
        times = r.spikes("E").times
        assert len(times) >= len(seen) and np.array_equal(times[:len(seen)], seen)
        assert len(r.states("E").times) and len(r.rates("E").times)
        assert not r.complete
        return r.provenance["reason"]


def test_killed(tmp_path):
    run = start(tmp_path)
    seen = wait_for_spikes(run, tmp_path / "out.h5")
    run.kill()
    assert run.wait() == -signal.SIGKILL
    assert check(tmp_path / "out.h5", seen) == "still running, or killed"


def test_interrupted(tmp_path):
    run = start(tmp_path)
    seen = wait_for_spikes(run, tmp_path / "out.h5")
    run.send_signal(signal.SIGINT)
    assert run.wait(60) == 130
    assert check(tmp_path / "out.h5", seen) == "interrupted"


def test_full_disk(tmp_path):
    (tmp_path / "endless.yaml").write_text(EXPERIMENT)
    (tmp_path / "small").mkdir()
    own_mounts = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    mount = "mount -t tmpfs -o size=64m tmpfs small"
    if subprocess.run([*own_mounts, mount], cwd=tmp_path, stderr=subprocess.DEVNULL).returncode != 0:
        pytest.skip("this system lets nobody mount a small disk; Crash.FullDisk... in C++ limits the file instead")
    script = f"""{mount}
        (until [ $(stat -c %s small/out.h5) -gt 1000000 ]; do sleep 1; done  # however slow the run is
         sleep 4                                                             # a flush, every 2 s
         cat /dev/zero >small/rest) 2>/dev/null &
        timeout 300 $VOLLEY run endless.yaml --quiet --output small/out.h5
        code=$?
        cp small/out.h5 .
        exit $code"""
    done = subprocess.run([*own_mounts, script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert "small/out.h5: cannot be written: " in done.stderr and "No space left on device" in done.stderr
    check(tmp_path / "out.h5", [])
