// SPDX-License-Identifier: Apache-2.0
#include <learning/trial_spikes.h>

#include <algorithm>

namespace volley::learning {

TrialSpikeRecorder::TrialSpikeRecorder(const Experiment& e, std::size_t phase,
                                       const std::vector<std::uint32_t>& samples)
    : samples_(samples) {
  for (const TrialRecord& r : e.record.trials) {
    if (std::find(r.phases.begin(), r.phases.end(), phase) == r.phases.end()) continue;
    const PopulationSpec& p = e.populations[r.population];
    Record record{.of = &r, .name = p.name, .size = p.size, .chosen = std::vector(samples.size(), r.samples.empty()),
                  .spikes = std::vector<std::vector<Spike>>(samples.size())};
    for (const std::uint32_t at : r.samples) record.chosen[at] = true;
    records_.push_back(std::move(record));
  }
}

template <class Real>
void TrialSpikeRecorder::look(std::size_t at, const Trial<Real>& trial, std::size_t lane) {
  if (at >= samples_.size()) return;
  for (Record& r : records_) {
    if (!r.chosen[at]) continue;
    const std::vector<Real>& y = trial.layers[r.of->population].y;
    for (std::size_t tick = 0; tick < trial.lengths[lane]; ++tick)
      for (std::size_t unit = 0; unit < r.size; ++unit)
        if (y[(tick * trial.lanes() + lane) * r.size + unit] == Real(1))
          r.spikes[at].push_back({static_cast<std::uint32_t>(tick), static_cast<std::uint32_t>(unit)});
  }
}

template void TrialSpikeRecorder::look(std::size_t, const Trial<float>&, std::size_t);
template void TrialSpikeRecorder::look(std::size_t, const Trial<double>&, std::size_t);

std::vector<TrialSpikes> TrialSpikeRecorder::take() const {
  std::vector<TrialSpikes> out;
  for (const Record& r : records_) {
    TrialSpikes& s = out.emplace_back(TrialSpikes{.population = r.name});
    for (std::size_t at = 0; at < r.spikes.size(); ++at)
      for (const Spike& x : r.spikes[at]) {
        s.sample.push_back(samples_[at]);
        s.tick.push_back(x.tick);
        s.unit.push_back(x.unit);
      }
  }
  return out;
}

}  // namespace volley::learning
