# SPDX-License-Identifier: Apache-2.0
"""Reads, plots, checks and converts the result files of Volley.

    import volley
    with volley.read("results/brunel_stdp.h5") as result:
        print(result)                                 # what was recorded
        spikes = result.spikes("E", phase="measure")  # .times (ms), .ids, .trains(), .counts(), .rates(), .binned(5.0)
        V = result.states("E", "V")                   # .times (ms), .values[time, neuron], .of(neuron)
        w = result.weights("E->E")                    # .source, .target, .values[time, synapse], .at(t), .matrix(t)
        result.training("train")["loss"]              # of an experiment that learns; .evaluation("test")
        result.plot("raster").savefig("raster.png")

On the command line: python3 -m volley plot | summary | validate | convert FILE. docs/results.md: the file's layout.
"""
from .data import (Epochs, Error, Evaluation, Phase, Population, Rates, Spikes, States, Trained, TrialSpikes,
                   WeightChanges, Weights)
from .result import Result, read

__all__ = ["Epochs", "Error", "Evaluation", "Phase", "Population", "Rates", "Result", "Spikes", "States", "Trained",
           "TrialSpikes", "WeightChanges", "Weights", "read"]
