#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the cortical microcircuit of Potjans & Diesmann (2014, doi:10.1093/cercor/bhs358) as an experiment of Volley.

microcircuit.yaml and microcircuit_poisson.yaml beside this script are its output at full scale. Smaller ones:

  make_microcircuit.py --scale 0.1 > small.yaml                    a tenth of the neurons, in-degrees as they are
  make_microcircuit.py --scale 0.1 --indegrees 0.1 > small.yaml    a tenth of both: a hundredth of the synapses

Fewer neurons with all their inputs keep the mean and the variance of each input, but inputs become correlated. With
a fraction k of the inputs, weights grow by 1/sqrt(k): the variance stays, and a constant current makes up for the mean
that is lost, at the rates of the full network (van Albada, Helias & Diesmann 2015, doi:10.1371/journal.pcbi.1004490).
"""
import argparse
from math import log1p, sqrt

POPULATIONS = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
# Probability that a pair is connected at least once: rows are targets, columns sources.
PROBABILITIES = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443]]
EXTERNAL_INPUTS = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
EXTERNAL_RATE = 8.0  # Hz, of each input
# Mean rates of the full network in Hz: published with Poisson drive; an exact simulation with the mean current.
RATES = {"poisson": [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829],
         "dc": [0.84, 2.82, 4.19, 5.64, 7.55, 8.35, 1.12, 7.56]}

TAU_SYN = 0.5    # ms
WEIGHT = 87.8    # pA: a postsynaptic potential of 0.15 mV
INHIBITION = -4  # inhibitory over excitatory weight
RELATIVE_SD = 0.1
DELAYS = {"E": 1.5, "I": 0.75}  # ms, means by source; the standard deviation is half the mean

PAIRS = [(target, source) for target in range(8) for source in range(8) if PROBABILITIES[target][source] > 0]


def kind(population):
    return POPULATIONS[population][-1]


def weight(target, source):
    """Mean weight in pA at full scale."""
    if (POPULATIONS[target], POPULATIONS[source]) == ("L23E", "L4E"):
        return 2 * WEIGHT
    return WEIGHT if kind(source) == "E" else INHIBITION * WEIGHT


def synapses(target, source):
    """Their number at full scale: drawn with replacement, they connect a pair with its probability."""
    return log1p(-PROBABILITIES[target][source]) / log1p(-1 / (SIZES[target] * SIZES[source]))


def recurrent_current(target, rates):
    """Mean current from the network in pA at full scale."""
    return TAU_SYN / 1000 * sum(weight(target, s) * synapses(target, s) / SIZES[target] * rates[s]
                                for t, s in PAIRS if t == target)


def external_current(target):
    """Mean current of the external inputs in pA at full scale."""
    return TAU_SYN / 1000 * WEIGHT * EXTERNAL_INPUTS[target] * EXTERNAL_RATE


def constant_current(target, drive, indegrees):
    """I_e in pA: the mean drive, and what smaller in-degrees take from the mean input."""
    lost = recurrent_current(target, RATES[drive]) + (external_current(target) if drive == "poisson" else 0)
    return (external_current(target) if drive == "dc" else 0) + (1 - sqrt(indegrees)) * lost


def number(value, unit):
    return f"{value:.6g} {unit}"


def title(drive, scale, indegrees):
    external = "mean-current drive" if drive == "dc" else "Poisson drive"
    part = "" if scale == indegrees == 1 else f", {scale:g} of the neurons with {indegrees:g} of their inputs"
    rates = ", ".join(f"{name} {rate:g}" for name, rate in zip(POPULATIONS, RATES[drive]))
    return f"""\
# Cortical microcircuit of Potjans & Diesmann (2014, doi:10.1093/cercor/bhs358), {external}{part}.
# Made by make_microcircuit.py. Rates of the full network in Hz:
# {rates}."""


def population_lines(drive, scale, indegrees):
    start = "&start {V: {normal: [-58 mV, 10 mV]}}"
    cell = ("\n    &cell {tau_m: 10 ms, C_m: 250 pF, tau_syn: 0.5 ms, E_L: -65 mV, V_th: -50 mV, V_reset: -65 mV, "
            "t_ref: 2 ms}")
    for p, name in enumerate(POPULATIONS):
        current = number(constant_current(p, drive, indegrees), "pA")
        yield (f"  {name}: {{neuron: lif_exp, size: {round(SIZES[p] * scale)}, init: {start}, "
               f"parameters: {{I_e: {current}, <<:{cell}}}}}")
        start, cell = "*start", " *cell"
    for p, name in enumerate(POPULATIONS if drive == "poisson" else []):
        rate = number(EXTERNAL_INPUTS[p] * EXTERNAL_RATE * indegrees, "Hz")
        yield f"  drive_{name}: {{stimulator: poisson, size: {round(SIZES[p] * scale)}, parameters: {{rate: {rate}}}}}"


def weight_distribution(target, source, indegrees):
    mean = weight(target, source) / sqrt(indegrees)
    bound = "min" if mean > 0 else "max"
    return (f"{{normal: {{mean: {number(mean, 'pA')}, sd: {number(abs(mean) * RELATIVE_SD, 'pA')}, "
            f"{bound}: 0 pA, outside: clip}}}}")


def delay_distribution(source):
    mean = DELAYS[kind(source)]
    return f"{{normal: {{mean: {mean:g} ms, sd: {mean / 2:g} ms, min: 0.05 ms, quantise: 0.1 ms}}}}"


def projection_lines(drive, scale, indegrees):
    named = set()

    def item(key, name, value):
        """A value where it is first used, on a line of its own, and only its name afterwards."""
        if name in named:
            return f" {key}: *{name}"
        named.add(name)
        return f"\n     {key}: &{name} {value}"

    for target, source in PAIRS:
        name = "weight_L4E_L23E" if weight(target, source) == 2 * WEIGHT else f"weight_{kind(source)}"
        count = round(synapses(target, source) * scale * indegrees)
        yield (f"  - {{from: {POPULATIONS[source]}, to: {POPULATIONS[target]}, "
               f"connect: {{fixed_total_number: {{number: {count}}}}},"
               f"{item('weight', name, weight_distribution(target, source, indegrees))},"
               f"{item('delay', f'delay_{kind(source)}', delay_distribution(source))}}}")
    for name in POPULATIONS if drive == "poisson" else []:
        yield (f"  - {{from: drive_{name}, to: {name}, connect: one_to_one, "
               f"weight: {number(WEIGHT / sqrt(indegrees), 'pA')}, delay: 1.5 ms}}")


def experiment(drive="dc", scale=1.0, indegrees=1.0):
    return "\n".join([
        "# SPDX-License-Identifier: Apache-2.0", title(drive, scale, indegrees), "volley: 1", "seed: 1", "phases:",
        "  - simulate: {duration: 100 ms, name: warmup}", "  - simulate: {duration: 1 s, name: measure}",
        "populations:", *population_lines(drive, scale, indegrees),
        "projections:", *projection_lines(drive, scale, indegrees), ""])


def fraction(text):
    value = float(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most 1")
    return value


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--scale", type=fraction, default=1.0, help="fraction of the neurons (1)")
    options.add_argument("--indegrees", type=fraction, default=1.0, help="fraction of the inputs of each neuron (1)")
    options.add_argument("--drive", choices=["dc", "poisson"], default="dc",
                         help="external input: its mean current (the default) or Poisson spikes")
    o = options.parse_args()
    print(experiment(o.drive, o.scale, o.indegrees), end="")
