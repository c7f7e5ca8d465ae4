// SPDX-License-Identifier: Apache-2.0
#include <engine/sources.h>

#include <network/error.h>
#include <network/random_streams.h>
#include <network/sample.h>

#include <algorithm>

namespace volley {

Sources::Sources(const Experiment& e, const Files& files, std::vector<std::string>& notes)
    : experiment_(e), files_(files), notes_(notes), parameters_(e.populations.size()), shared_(e.populations.size()) {
  for (std::size_t k = 0; k < e.populations.size(); ++k) {
    const PopulationSpec& p = e.populations[k];
    if (!p.stimulator) continue;
    parameters_[k] = std::make_unique<ParameterSet>(make_parameters(p.model, e.seed, p.name, 0, p.size, p.size));
    shared_[k] = std::make_unique<Shared>(Shared{e.seed, p.name});
  }
}

std::uint32_t Sources::chunks(std::size_t population) const {
  const PopulationSpec& p = experiment_.populations[population];
  return p.source().whole ? 1 : (p.size + chunk_size - 1) / chunk_size;
}

std::unique_ptr<Source> Sources::make(std::size_t population, std::uint32_t chunk) const {
  const PopulationSpec& p = experiment_.populations[population];
  const std::uint32_t first = chunk * chunk_size;
  Units u{.first = first,
          .count = p.source().whole ? p.size : std::min(chunk_size, p.size - first),
          .size = p.size,
          .parameters = parameters_[population].get(),
          .random = random_stream(experiment_.seed, Purpose::stimulator, p.name, chunk)};
  u.host = shared_[population].get();
  u.shared = [](const void* host, std::uint64_t index) {
    const auto& s = *static_cast<const Shared*>(host);
    return random_stream(s.seed, Purpose::shared, s.name, index);
  };
  u.files = &files_;
  u.tick = experiment_.tick;
  u.notes = &notes_;
  try {
    return p.source().make(std::move(u));
  } catch (const BadParameter& bad) {
    throw InputError(p.model.where, bad.field + ": " + bad.what());
  } catch (const InputError& bad) {  // of a data file, which does not know who reads it
    throw InputError(p.model.where, bad.what());
  }
}

bool Sources::direct(const Experiment& e, std::size_t projection) {
  const ProjectionSpec& p = e.projections[projection];
  const PopulationSpec& from = e.populations[p.from.population];
  const auto recorded = [&](const auto& records) {
    return std::ranges::any_of(records, [&](const auto& r) { return r.what.population == p.from.population; });
  };
  return from.stimulator && from.source().emits == Emits::spikes && !from.source().whole &&
         p.connect.rule == Connect::Rule::one_to_one && p.synapse_model().transparent && !p.rule &&
         p.delay.constant() && !recorded(e.record.spikes) && !recorded(e.record.rates);
}

bool Sources::connect(std::size_t projection, const std::vector<Run>& runs, std::uint32_t table, Block& block) const {
  const ProjectionSpec& p = experiment_.projections[projection];
  const Rows& rows = block.tables[table].rows;
  std::vector<std::pair<std::uint32_t, DirectStream::Wiring>> made;  // chunk and what it reaches
  for (const Run& run : runs) {
    if (run.population != p.to.population) continue;
    // Unit p.from.first + row reaches neuron p.to.first + row.
    const std::int64_t shift = std::int64_t{p.to.first} - p.from.first;
    const std::uint32_t to = std::max(run.first, p.to.first);
    const std::uint32_t to_end = std::min(run.first + run.count, p.to.first + p.to.count);
    for (std::uint32_t neuron = to; neuron < to_end;) {
      const auto unit = static_cast<std::uint32_t>(neuron - shift);
      const std::uint32_t chunk = unit / chunk_size;
      const std::uint32_t count = std::min(to_end - neuron, (chunk + 1) * chunk_size - unit);
      const std::uint64_t synapse = rows.first[neuron - p.to.first];
      made.push_back({chunk, {.table = table,
                              .first = unit,
                              .count = count,
                              .target = static_cast<Local>(run.offset + (neuron - run.first)),
                              .row = neuron - p.to.first,
                              .delay = rows.classes[0],
                              .weight = rows.weight.empty() ? nullptr : rows.weight.data() + synapse,
                              .constant = rows.constant,
                              .factor = p.gain.value_or(1.0)}});
      neuron += count;
    }
  }
  for (const auto& [chunk, w] : made)
    for (const DirectStream& s : block.streams)
      if (w.target < s.wiring.target + s.wiring.count && s.wiring.target < w.target + w.count) return false;
  for (const auto& [chunk, w] : made)
    block.streams.emplace_back(make(p.from.population, chunk), w, block.streams.size());
  return true;
}

}  // namespace volley
