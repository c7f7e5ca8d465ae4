// SPDX-License-Identifier: Apache-2.0
// What is where in a result file: the groups and empty datasets of an experiment, made before it runs.
#pragma once

#include <network/results.h>
#include <output/columns.h>

#include <set>
#include <string>
#include <vector>

namespace volley {

// Columns of each record, by its index in Experiment::record.
struct FileLayout {
  struct Spikes { std::size_t times, ids; };
  struct State { std::size_t data, times, values; };  // values: of one sample
  struct Weights { std::size_t values, times, change_times, change_synapses, change_weights; };
  struct Rate { std::size_t rate, times; };
  std::vector<Spikes> spikes;
  std::vector<std::vector<State>> states;  // by record, by variable
  std::vector<Weights> weights;
  std::vector<Rate> rates;
  std::vector<std::string> reports;  // names of the groups, by Columns::grids()
};

// Throws hdf5::Error.
FileLayout make_layout(hid_t file, const Experiment&, const std::vector<SynapseList>&, Columns&);

// A name that is one link of an HDF5 path: '/' and '%' as in a URL, and so is a leading '.'.
std::string link_name(const std::string& name);

}  // namespace volley
