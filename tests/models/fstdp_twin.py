# SPDX-License-Identifier: Apache-2.0
"""The FSTDP neuron again, written from its equations and sharing nothing with the engine: events in, weights out."""
import numpy as np


def learn(times, units, size, *, fatigue, theta, eta, U, tau_F, tau_plus, tau_m, gain, step, f_target, floor=0.02):
    """times (ms), units: inputs in order of time. `fatigue`: of transmission and of eligibility. The weights learned."""
    W = np.full(size, 0.5, np.float32)
    x, heard, K = np.ones(size), np.full(size, -np.inf), np.zeros(size)
    V, threshold, now = 0.0, 1.0, 0.0
    fall = step * f_target / 1000.0
    instants, first = np.unique(times, return_index=True)
    for t, on in zip(instants, np.split(units, first[1:])):
        V *= np.exp((now - t) / tau_m)
        K *= np.exp((now - t) / tau_plus)
        threshold = max(floor, threshold - fall * (t - now))
        now = t
        e = 1.0 - (1.0 - x[on]) * np.exp((heard[on] - t) / tau_F)
        x[on], heard[on] = e - U * e, t
        used = e if fatigue else np.ones(len(on))
        V = np.add.accumulate(np.concatenate([[V], W[on] * (gain * used)]))[-1]  # one by one: threshold ties do occur
        K[on] += used
        if V >= threshold:
            V = 0.0
            threshold += step
            W = np.clip(W + eta * (K - theta), 0.0, 1.0).astype(np.float32)
    return W
