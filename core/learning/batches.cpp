// SPDX-License-Identifier: Apache-2.0
#include <learning/build.h>
#include <network/random_streams.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley::learning {

template <class Real>
Batch<Real> build_batch(const Experiment& e, const Network<Real>& network, const PhaseSpec& phase,
                        const LearningSpec& l, std::size_t epoch, std::size_t repeat,
                        std::span<const std::uint32_t> samples) {
  const TrialSpec& t = *phase.trials;
  const Dataset& data = *e.datasets[t.dataset];
  std::vector<RandomKey> keys;
  for (const PopulationSpec& p : e.populations)
    keys.push_back(random_key(e.seed, Purpose::trial, fmt::format("{}/{}/{}/{}", p.name, phase.name, epoch, repeat)));
  Batch<Real> b;
  b.lanes = samples.size();
  b.ticks = [&t, &data, samples](std::size_t lane) { return t.ticks != 0 ? t.ticks : data.steps(samples[lane]); };
  b.inputs = [&e, &network, &data, samples, keys](std::size_t layer, std::size_t lane) {
    const PopulationSpec& p = e.populations[layer];
    const Dataset::Field& field = data.fields.at(p.field);
    const std::uint32_t sample = samples[lane];
    const std::size_t end = field.sequence() ? field.steps(sample) : SIZE_MAX;  // then silence
    return [&field, sample, end, encode = p.source().encode, parameters = network.layers()[layer].parameters->at(0),
            r = Random(&random_source(), keys[layer], sample), x = std::vector<float>(field.width),
            tick = std::size_t{0}](Real* first, std::size_t row, std::size_t ticks) mutable {
      for (std::size_t k = 0; k < ticks && tick < end; ++k, ++tick) {
        if (tick == 0 || field.sequence()) field.copy_row(sample, tick, x.data());
        for (std::size_t i = 0; i < x.size(); ++i)
          first[k * row + i] = static_cast<Real>(encode(static_cast<double>(x[i]), tick, r, parameters));
      }
    };
  };
  std::vector<RandomKey> drops;
  for (const PopulationSpec& p : e.populations)
    drops.push_back(random_key(e.seed, Purpose::dropout, fmt::format("{}/{}/{}", p.name, phase.name, epoch)));
  b.mask = [&network, samples, drops](std::size_t layer, std::size_t lane, Real* mask) {
    const double share = network.layers()[layer].dropout;
    Random r(&random_source(), drops[layer], samples[lane]);
    for (std::size_t i = 0; i < network.layers()[layer].size; ++i)
      mask[i] = r.uniform() < share ? Real(0) : static_cast<Real>(1.0 / (1.0 - share));
  };
  const Dataset::Field& target = data.fields.at(l.target);
  b.target = [&target, samples](std::size_t lane) {
    const std::uint32_t sample = samples[lane];
    if (!target.label()) return Target{.values = target.rows(sample)};
    return target.sequence() ? Target{.labels = target.labels.data() + target.start[sample]}
                             : Target{.label = target.labels[sample]};
  };
  return b;
}

template Batch<float> build_batch(const Experiment&, const Network<float>&, const PhaseSpec&, const LearningSpec&,
                                  std::size_t, std::size_t, std::span<const std::uint32_t>);
template Batch<double> build_batch(const Experiment&, const Network<double>&, const PhaseSpec&, const LearningSpec&,
                                   std::size_t, std::size_t, std::span<const std::uint32_t>);

}  // namespace volley::learning
