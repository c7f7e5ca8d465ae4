# SPDX-License-Identifier: Apache-2.0
"""Reads, plots, checks and converts the result files of Volley.

    import volley
    with volley.read("results/brunel.h5") as result:
        spikes = result.spikes("E")          # .times [ms], .ids
        weights = result.weights("E->I")     # .times [ms], .values[time, synapse]

On the command line: python3 -m volley plot | summary | validate | convert FILE
"""
from .result import (Error, Phase, Population, Rates, Result, Spikes, States, WeightChanges,
                     Weights, read)

__all__ = ["Error", "Phase", "Population", "Rates", "Result", "Spikes", "States", "WeightChanges",
           "Weights", "read"]
