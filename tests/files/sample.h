// SPDX-License-Identifier: Apache-2.0
// An experiment with one of everything that a result file can hold, and a run of it without an engine.
#pragma once

#include <output/hdf5_results.h>

#include <string>
#include <vector>

namespace volley::test {

// Populations E (4 neurons) and drive (3 units); projections "drive->E" (plastic, gain) and "a/b" (with a slash).
// Records: spikes of E, of E[1..2] and of drive; V and I_syn of E, V of neurons 3 and 1; all weights, changes; rates.
Experiment sample_experiment();
std::vector<SynapseList> sample_synapses();

// Opens, writes two phases of made-up data and closes.
void write_sample(const std::string& file);

// A folder of this test process, removed at its end.
std::string scratch(const std::string& name);

}  // namespace volley::test
