// SPDX-License-Identifier: Apache-2.0
#include <engine/simulation.h>

#include <engine/build.h>
#include <engine/weight_records.h>
#include <network/error.h>
#include <network/isa.h>
#include <network/parallel.h>
#include <network/team.h>

#include <algorithm>
#include <chrono>

namespace volley {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point t) { return std::chrono::duration<double>(Clock::now() - t).count(); }

constexpr Time idle_window = 10 * ps_per_ms;  // without projections between neurons

bool in_phase(const std::vector<std::size_t>& phases, std::size_t phase) {
  return phases.empty() || std::find(phases.begin(), phases.end(), phase) != phases.end();
}

// Multiples of `every` in the phase, counted from its start; the next one at or after t.
Time next_sample(Time start, Time every, Time t) {
  if (every <= 0) return never;
  const Time k = (t - start + every - 1) / every;
  return start + std::max<Time>(0, k) * every;
}

// The end of a tick at or after t.
Time end_of_tick(Time t, Time tick) { return (t + tick - 1) / tick * tick; }

}  // namespace

struct Simulation::Impl {
  Impl(const Experiment& e, const Files& files) : experiment(e) {
    const auto begin = Clock::now();
    {
      Workers workers(e.engine.threads);
      counts.threads = workers.count();
      workers.run([&] { network = build(experiment, files, counts.threads); });
    }
    weights = std::make_unique<WeightRecords>(experiment, network);
    counts.neurons = network.neurons;
    counts.synapses = network.synapses;
    counts.bytes_per_synapse = network.synapses ? network.bytes / static_cast<double>(network.synapses) : 0.0;
    counts.window = network.window;
    counts.isa = active_isa();
    counts.build_s = seconds_since(begin);
  }

  void run_blocks(const std::vector<std::size_t>& some, Time from, Time until, const std::atomic<bool>& stop) {
    team->run(some.size(), [&](std::size_t k) { network.blocks[some[k]]->run(from, until, stop); });
  }

  Time next_activity() const {
    Time t = never;
    for (const auto& b : network.blocks) t = std::min(t, b->next_activity());
    for (const auto& s : network.sources)
      if (s.source) t = std::min(t, s.source->next_time());
    return t;
  }

  void stimulate(Time until, const std::atomic<bool>& stop) {
    Signal buffer[256];
    for (ChunkSource& c : network.sources) {
      std::vector<SourceSpike>& spikes = arrived[c.population];
      for (std::size_t n = 256; n == 256 && !stop.load(std::memory_order_relaxed);) {
        n = c.source->emit(until, buffer);
        for (std::size_t k = 0; k < n; ++k) spikes.push_back({buffer[k].t, buffer[k].unit, buffer[k].value});
      }
    }
  }

  // The spikes of some blocks; they hold all neurons of their populations.
  std::uint64_t send(const std::vector<std::size_t>& some) {
    std::uint64_t spikes = 0;
    senders.clear();
    for (const std::size_t b : some)
      for (const Spiked& s : network.blocks[b]->spikes) {
        const Run& run = network.run_of(b, s.neuron);
        if (arrived[run.population].empty()) senders.push_back(run.population);
        arrived[run.population].push_back({s.t, run.first + (s.neuron - run.offset), 0.0});
        ++spikes;
      }
    std::ranges::sort(senders);
    for (const std::size_t p : senders) network.exchange.send(p, arrived[p]);
    return spikes;
  }

  const Experiment& experiment;
  BuiltNetwork network;
  std::unique_ptr<WeightRecords> weights;
  std::unique_ptr<Team> team;
  RunCounts counts;
  std::vector<std::vector<SourceSpike>> arrived;  // by population, of this window
  std::vector<std::size_t> senders;
  bool started = false;

  bool run_phase(std::size_t phase, Time start, Results&, const std::atomic<bool>& stop,
                 const std::function<void(const Progress&)>&);
  void record_spikes(std::size_t phase, Results&, std::vector<std::uint64_t>& rate_counts);
  void sample(std::size_t phase, Time start, Time end, Time t, Results&, std::vector<std::uint64_t>&);
};

void Simulation::Impl::record_spikes(std::size_t phase, Results& results, std::vector<std::uint64_t>& rate_counts) {
  std::vector<Time> t;
  std::vector<std::uint32_t> id;
  const auto inside = [](const View& v, std::uint32_t unit) { return unit >= v.first && unit - v.first < v.count; };
  for (std::size_t k = 0; k < experiment.record.spikes.size(); ++k) {
    const SpikeRecord& r = experiment.record.spikes[k];
    if (!in_phase(r.phases, phase)) continue;
    const auto in_file = [](const SourceSpike& s) { return std::pair(s.t, s.unit); };
    std::vector<SourceSpike>& spikes = arrived[r.what.population];
    if (!std::ranges::is_sorted(spikes, {}, in_file)) std::ranges::sort(spikes, {}, in_file);
    t.clear(), id.clear();
    for (const SourceSpike& s : spikes)
      if (inside(r.what, s.unit)) t.push_back(s.t), id.push_back(s.unit);
    if (!t.empty()) results.spikes(k, t, id);
  }
  for (std::size_t k = 0; k < experiment.record.rates.size(); ++k)
    for (const SourceSpike& s : arrived[experiment.record.rates[k].what.population])
      rate_counts[k] += inside(experiment.record.rates[k].what, s.unit);
}

// Samples at t, which no window has passed and after which all of t has happened.
void Simulation::Impl::sample(std::size_t phase, Time start, Time end, Time t, Results& results,
                              std::vector<std::uint64_t>& rate_counts) {
  const Records& record = experiment.record;
  std::vector<float> values;
  for (std::size_t k = 0; k < record.states.size(); ++k) {
    const StateRecord& r = record.states[k];
    if (!in_phase(r.phases, phase) || t == end || next_sample(start, r.every, t) != t) continue;
    values.clear();
    for (const std::string& name : r.variables)
      for (const std::uint32_t i : network.recorded_neurons[k])
        values.push_back(static_cast<float>(network.read(r.what.population, i, name, t)));
    results.state(k, t, values);
  }
  for (std::size_t k = 0; k < record.weights.size(); ++k) {
    const WeightRecord& r = record.weights[k];
    if (!in_phase(r.phases, phase)) continue;
    const bool last = phase + 1 == experiment.phases.size() && t == end;
    if (t == end && !last && in_phase(r.phases, phase + 1)) continue;  // the next phase has this instant
    if ((r.at_start && t == 0) || (r.at_end && last) || std::find(r.at.begin(), r.at.end(), t) != r.at.end() ||
        (r.every > 0 && (t - start) % r.every == 0)) {
      weights->read(k, values);
      results.weights(k, t, values);
    }
  }
  for (std::size_t k = 0; k < record.rates.size(); ++k) {
    const RateRecord& r = record.rates[k];
    if (!in_phase(r.phases, phase) || t == start || (t - start) % r.every != 0) continue;
    const double per_neuron = static_cast<double>(rate_counts[k]) / static_cast<double>(r.what.count);
    results.rate(k, t, per_neuron / (to_ms(r.every) * 1e-3));
    rate_counts[k] = 0;
  }
}

bool Simulation::Impl::run_phase(std::size_t phase, Time start, Results& results, const std::atomic<bool>& stop,
                                 const std::function<void(const Progress&)>& progress) {
  const PhaseSpec& spec = experiment.phases[phase];
  const Time end = start + spec.duration;
  const Records& record = experiment.record;
  std::vector<std::uint64_t> rate_counts(record.rates.size(), 0);
  PhaseCounts c;
  c.name = spec.name;
  c.build_s = counts.build_s;
  for (const auto& b : network.blocks) {
    c.synaptic_events -= b->synaptic_events;
    c.external_events -= b->external_events;
    for (const SynapseTable& x : b->tables)
      if (x.plastic) x.plastic->running = spec.plasticity, c.plastic_events -= x.plastic->events;
  }
  const auto begin = Clock::now();
  auto told = begin;
  results.begin_phase(phase, start);
  for (std::size_t k = 0; k < record.weights.size(); ++k)
    weights->record_changes(k, in_phase(record.weights[k].phases, phase), start);
  weights->tell_changes(results);

  const auto next_of_all = [&](Time t) {
    Time s = end;
    for (const auto& r : record.states) if (in_phase(r.phases, phase)) s = std::min(s, next_sample(start, r.every, t));
    for (const auto& r : record.rates) if (in_phase(r.phases, phase)) s = std::min(s, next_sample(start, r.every, t));
    for (const auto& r : record.weights) {
      if (!in_phase(r.phases, phase)) continue;
      s = std::min(s, next_sample(start, r.every, t));
      for (const Time at : r.at) if (at >= t) s = std::min(s, at);
      if (r.at_start && t == 0) s = 0;
    }
    return s;
  };
  Time sample_at = next_of_all(start);
  Time t = start;
  bool going = true;
  while (t < end) {
    // Empty time is free; a window reaches no further than the lookahead, and stops after a sample's instant.
    const Time next = std::max(t, std::min({next_activity(), sample_at, end}));
    t = next;
    if (t >= end) break;
    Time until = std::min(end, t > never - network.window ? end : t + network.window);
    if (network.within_ticks) until = std::min(until, end_of_tick(t, experiment.tick) + 1);
    const bool sampling = sample_at < until;
    if (sampling) until = sample_at + 1;
    for (auto& spikes : arrived) spikes.clear();
    stimulate(until, stop);
    for (std::size_t p = 0; p < arrived.size(); ++p)
      if (experiment.populations[p].stimulator) network.exchange.send(p, arrived[p]);
    std::uint64_t spikes = 0;
    for (const auto& blocks : network.turns) {
      run_blocks(blocks, t, until, stop);
      spikes += send(blocks);
    }
    if ((going = !stop.load(std::memory_order_relaxed)) == false) break;  // some block may have left out a part
    c.spikes += spikes;
    record_spikes(phase, results, rate_counts);
    weights->tell_changes(results);
    if (sampling) {
      sample(phase, start, end, sample_at, results, rate_counts);
      sample_at = next_of_all(sample_at + 1);
    }
    t = until;
    if (progress && seconds_since(told) > 0.1) {
      told = Clock::now();
      progress({phase, static_cast<double>(t - start) / static_cast<double>(spec.duration),
                static_cast<double>(c.spikes) / (to_ms(t - start) * 1e-3)});
    }
  }
  if (going) sample(phase, start, end, end, results, rate_counts);
  c.simulate_s = seconds_since(begin);
  c.sim_time_ms = to_ms((going ? end : t) - start);
  for (const auto& b : network.blocks) {
    c.synaptic_events += b->synaptic_events;
    c.external_events += b->external_events;
    for (const SynapseTable& x : b->tables)
      if (x.plastic) c.plastic_events += x.plastic->events;
  }
  counts.phases.push_back(c);
  results.end_phase(phase, c);
  return going;
}

Simulation::Simulation(const Experiment& e, const Files& files) : impl_(std::make_unique<Impl>(e, files)) {}
Simulation::~Simulation() = default;
const RunCounts& Simulation::counts() const { return impl_->counts; }
const std::vector<std::string>& Simulation::warnings() const { return impl_->network.warnings; }

bool Simulation::run(Results& results, const std::atomic<bool>& stop,
                     const std::function<void(const Progress&)>& progress) {
  Impl& s = *impl_;
  if (std::exchange(s.started, true)) throw InternalError("a simulation runs once");
  s.arrived.resize(s.experiment.populations.size());
  std::size_t side_by_side = 1;
  for (const auto& blocks : s.network.turns) side_by_side = std::max(side_by_side, blocks.size());
  s.team = std::make_unique<Team>(std::min(s.counts.threads, static_cast<int>(side_by_side)));
  if (s.network.window == never) s.network.window = idle_window;
  results.open(s.experiment, s.weights->take_lists());
  for (auto& b : s.network.blocks) b->start();
  Time start = 0;
  for (std::size_t phase = 0; phase < s.experiment.phases.size(); ++phase) {
    if (!s.run_phase(phase, start, results, stop, progress)) return false;
    start += s.experiment.phases[phase].duration;
  }
  check_conservation();
  return true;
}

void Simulation::check_conservation() const {
  std::uint64_t sent = 0, delivered = 0, pending = 0;
  for (const auto& b : impl_->network.blocks) {
    sent += b->sent;
    delivered += b->synaptic_events + b->external_events;
    pending += b->pending();
  }
  if (sent != delivered + pending)
    throw InternalError("events sent " + std::to_string(sent) + " != delivered " + std::to_string(delivered) +
                        " + pending " + std::to_string(pending));
}

}  // namespace volley
