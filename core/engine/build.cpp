// SPDX-License-Identifier: Apache-2.0
#include <engine/build.h>

#include <engine/bundles.h>
#include <engine/individual_kernel.h>
#include <engine/mode_kernel.h>
#include <engine/place.h>
#include <network/connect.h>
#include <network/error.h>
#include <network/graph.h>
#include <network/memory.h>
#include <network/sample.h>

#include <algorithm>
#include <map>

namespace volley {
namespace {

void add_membranes(const Experiment& e, const Run& run, std::vector<Membrane>& membranes) {
  const PopulationSpec& p = e.populations[run.population];
  const ParameterSet parameters = make_parameters(p.model, e.seed, p.name, run.first, run.count, p.size);
  const std::size_t before = membranes.size();
  for (std::size_t i = 0; i < parameters.count(); ++i) membranes.push_back(p.neuron().membrane(parameters.at(i)));
  membranes.resize(before + run.count, membranes.back());
}

// The kernel is the population's, whatever the neurons of one block have in common by chance: no result depends on the
// cut.
std::unique_ptr<Kernel> make_kernel(const Experiment& e, const Placement& placement, std::size_t block) {
  const std::vector<Run>& runs = placement.of_block[block];
  const std::uint32_t neurons = placement.block_size[block];
  const PopulationSpec& p = e.populations[runs.front().population];
  if (p.neuron().form != NeuronForm::membrane)
    return p.neuron().make(make_parameters(p.model, e.seed, p.name, runs.front().first, neurons, p.size), neurons,
                           p.neuron().form == NeuronForm::step ? e.tick : 0, p.substeps);
  std::vector<Membrane> membranes;
  for (const Run& run : runs) add_membranes(e, run, membranes);
  if (placement.individual[runs.front().population]) return make_individual_kernel(membranes);
  return make_mode_kernel(membranes, neurons);
}

void initialise(const Experiment& e, const Run& run, Kernel& kernel) {
  const PopulationSpec& p = e.populations[run.population];
  for (const InitialValue& v : p.init) {
    const auto variables = kernel.variables();
    const auto at = std::ranges::find(variables, v.variable, &Variable::name);
    if (at == variables.end())
      throw InputError(v.where, "'" + v.variable + "' is not a state variable of " + std::string(p.model.model->name));
    const auto values = draw_initial(v.value, e.seed, p.name, v.variable, run.first, run.count);
    for (std::uint32_t i = 0; i < run.count; ++i)
      kernel.initialise(static_cast<std::size_t>(at - variables.begin()), static_cast<Local>(run.offset + i),
                        values[i]);
  }
}

double bytes_of(const Rows& r) {
  return static_cast<double>(r.first.size() * 8 + r.target.size() * 2 + r.weight.size() * 4 + r.delay.size() * 4 +
                             r.slice_first.size() * 4 + r.slice_class.size() * 2 + r.slice_end.size() * 4 +
                             r.packed.bytes.size() + r.packed.first.size() * 8);
}

}  // namespace

const Run& BuiltNetwork::run_of(std::size_t block, Local neuron) const {
  const auto& runs = placement.of_block[block];
  std::size_t k = 0;
  while (k + 1 < runs.size() && runs[k + 1].offset <= neuron) ++k;
  return runs[k];
}

double BuiltNetwork::read(std::size_t population, std::uint32_t neuron, const std::string& variable, Time t) {
  const Run& run = placement.find(population, neuron);
  Kernel& kernel = *blocks[run.block]->kernel;
  kernel.begin(t);  // brings the frame up; every event up to t has happened
  const auto variables = kernel.variables();
  for (std::size_t v = 0; v < variables.size(); ++v)
    if (variables[v].name == variable)
      return kernel.read(v, static_cast<Local>(run.offset + (neuron - run.first)), t);
  throw InternalError("no variable " + variable);
}

BuiltNetwork build(const Experiment& e, const Files& files, int threads) {
  check_memory(e);
  BuiltNetwork n;
  n.placement = place(e, threads);
  n.exchange = Exchange(e.populations.size());
  for (std::size_t b = 0; b < n.placement.of_block.size(); ++b) {
    const auto& runs = n.placement.of_block[b];
    auto block = std::make_unique<Block>();
    block->kernel = make_kernel(e, n.placement, b);
    for (const Run& run : runs) initialise(e, run, *block->kernel);
    n.neurons += n.placement.block_size[b];
    n.blocks.push_back(std::move(block));
  }

  std::vector<Rows> all;
  for (std::size_t k = 0; k < e.projections.size(); ++k)
    for (Rows& r : build_rows(e, k, n.placement)) all.push_back(std::move(r));
  const Lookahead ahead = lookahead(e, all);
  n.window = e.engine.window > 0 ? std::min(ahead.window, e.engine.window) : ahead.window;
  n.within_ticks = ahead.within_ticks;
  n.turns.resize(1 + *std::ranges::max_element(ahead.turn));
  for (std::size_t b = 0; b < n.blocks.size(); ++b)
    n.turns[ahead.turn[n.placement.of_block[b].front().population]].push_back(b);
  for (auto& b : n.blocks) b->queue.set_window(n.window);
  bundle(e, n.window, all);

  std::map<std::pair<std::size_t, std::size_t>, std::uint32_t> place_of;  // projection, block -> table
  for (Rows& r : all) {
    const ProjectionSpec& p = e.projections[r.projection];
    Block& block = *n.blocks[r.block];
    n.synapses += r.size();
    n.bytes += bytes_of(r);
    place_of[{r.projection, r.block}] = static_cast<std::uint32_t>(block.tables.size());
    SynapseTable t;
    t.external = e.populations[p.from.population].stimulator;
    t.drive = t.external && e.populations[p.from.population].source().emits == Emits::current;
    t.port = p.port;
    t.rows = std::move(r);
    if (t.drive && e.populations[p.to.population].neuron().form == NeuronForm::verbs)
      throw InputError(p.where, std::string(e.populations[p.to.population].model.model->name) + " takes no current");
    block.tables.push_back(std::move(t));
  }
  // Rows have found their place: rules may refer to them.
  for (std::size_t b = 0; b < n.blocks.size(); ++b)
    for (SynapseTable& t : n.blocks[b]->tables) {
      const ProjectionSpec& p = e.projections[t.rows.projection];
      if (const RuleModel* rule = p.rule_model())
        t.plastic = std::make_unique<PlasticRows>(t.rows, *rule, make_parameters(*p.rule, e.seed, p.name, 0, 1, 1),
                                                  from_ms(p.dendritic_delay), n.placement.block_size[b]);
    }

  n.stimuli = std::make_unique<Sources>(e, files, n.warnings);
  // Stimulators of which some spikes need a queue or are recorded; of which some go straight to their neurons.
  std::vector<bool> queued(e.populations.size(), false), streaming(e.populations.size(), false);
  const auto needs = [&](const auto& records) {
    for (const auto& r : records) queued[r.what.population] = true;
  };
  needs(e.record.spikes);
  needs(e.record.rates);
  for (std::size_t k = 0; k < e.projections.size(); ++k) {
    const ProjectionSpec& p = e.projections[k];
    const bool direct = Sources::direct(e, k);
    Route r{.first = p.from.first, .count = p.from.count, .gain = p.gain.value_or(1.0)};
    const PopulationSpec& from = e.populations[p.from.population];
    if (between_clocked(e, p)) r.early = e.tick;
    r.drive = from.stimulator && from.source().emits == Emits::current;
    if (r.drive) r.level.assign(p.from.count, 0.0);
    if (!p.synapse_model().transparent)
      r.stage = p.synapse_model().make(make_parameters(p.synapse, e.seed, p.name, 0, r.count, r.count), r.count);
    for (std::size_t b = 0; b < n.blocks.size(); ++b) {
      const auto at = place_of.find({k, b});
      if (at == place_of.end()) continue;
      if (direct && n.stimuli->connect(k, n.placement.of_block[b], at->second, *n.blocks[b])) {
        streaming[p.from.population] = true;
        continue;
      }
      r.destinations.push_back({n.blocks[b].get(), at->second, n.blocks[b]->tables[at->second].rows.least_delay()});
    }
    if (r.destinations.empty()) continue;
    queued[p.from.population] = true;
    n.exchange.add(p.from.population, std::move(r));
  }
  for (std::size_t k = 0; k < e.populations.size(); ++k) {
    if (!e.populations[k].stimulator || (streaming[k] && !queued[k])) continue;
    for (std::uint32_t chunk = 0; chunk < n.stimuli->chunks(k); ++chunk)
      n.sources.push_back({k, n.stimuli->make(k, chunk)});
  }

  for (const StateRecord& r : e.record.states) {
    n.recorded_neurons.push_back(r.neurons);
    if (r.neurons.empty())
      for (std::uint32_t i = 0; i < r.what.count; ++i) n.recorded_neurons.back().push_back(r.what.first + i);
  }
  return n;
}

}  // namespace volley
