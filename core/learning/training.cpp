// SPDX-License-Identifier: Apache-2.0
#include <learning/build.h>
#include <learning/scores.h>
#include <learning/training.h>
#include <network/error.h>
#include <network/memory.h>
#include <network/parallel.h>
#include <network/random_streams.h>
#include <network/sample.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace volley {

using namespace learning;

bool larger_is_better(Metric m) { return m == Metric::accuracy; }

struct Training::Impl {
  using Clock = std::chrono::steady_clock;

  explicit Impl(const Experiment& experiment)
      : e(experiment), trainer(build_network(experiment), Goal{}), start(trainer.theta()) {
    const auto& network = trainer.network();
    for (const Layer& l : network.layers()) counts.neurons += l.unit ? l.size : 0;
    for (const Dense& d : network.projections()) counts.synapses += d.weights.size();
    counts.bytes_per_synapse = sizeof(float);
    counts.window = never;
    counts.threads = e.engine.threads > 0 ? e.engine.threads : worker_count();
    warn_of_unreached();
  }

  void warn_of_unreached() {
    const auto& projections = trainer.network().projections();
    for (std::size_t k = 0; k < e.populations.size(); ++k)
      if (!e.populations[k].stimulator &&
          std::none_of(projections.begin(), projections.end(), [&](const Dense& d) { return d.to == k; }))
        warnings.push_back(fmt::format("{} receives nothing", e.populations[k].name));
  }

  const Dataset& data(const TrialSpec& t) const { return *e.datasets[t.dataset]; }

  Scores score(const PhaseSpec& phase, const LearningSpec& l, const std::vector<std::uint32_t>& samples,
               const std::vector<Metric>& metrics, std::size_t epoch, std::size_t repeats,
               const std::atomic<bool>& stop) {
    const std::size_t lanes = phase.trials->lanes;
    Scores scores(trainer.network(), build_goal(e, l), metrics, samples.size() * repeats);
    for (std::size_t repeat = 0; repeat < repeats; ++repeat)
      for (std::size_t first = 0; first < samples.size() && !stop; first += lanes) {
        const auto part = std::span(samples).subspan(first, std::min(lanes, samples.size() - first));
        Batch<float> b = build_batch(e, trainer.network(), phase, l, epoch, repeat, part);
        const std::size_t at = repeat * samples.size() + first;
        b.look = [&](std::size_t lane, const Trial<float>& trial, std::size_t k) {
          scores.look(at + lane, trial, k, b.target(lane));
        };
        const std::vector<double> losses = trainer.evaluate(b);
        for (std::size_t k = 0; k < losses.size(); ++k) scores.add_loss(at + k, losses[k]);
      }
    return scores;
  }

  std::vector<TrainedNumbers> numbers() {
    std::vector<TrainedNumbers> out;
    const std::vector<Part> parts = trainer.network().parts();
    const auto part = [](const std::vector<float>& theta, const Part& b) {
      if (theta.empty()) return std::vector<float>();
      const auto first = theta.begin() + static_cast<std::ptrdiff_t>(b.first);
      return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(b.count));
    };
    for (std::size_t k = 0; k < parts.size(); ++k) {
      TrainedNumbers n{.name = name_of_part(e, trainer.network(), k), .columns = parts[k].count};
      if (k < e.projections.size()) {
        n.rows = e.projections[k].from.count;
        n.columns = e.projections[k].to.count;
      }
      n.start = part(start, parts[k]);
      n.best = part(best, parts[k]);
      n.last = part(trainer.theta(), parts[k]);
      out.push_back(std::move(n));
    }
    return out;
  }

  // The first part whose gradient, or whose largest gradient, is at fault.
  std::string culprit(const std::vector<Part>& parts) const {
    const std::vector<float>& g = trainer.gradient();
    std::size_t largest = 0;
    double size = -1.0;
    for (std::size_t k = 0; k < parts.size(); ++k)
      for (std::size_t i = parts[k].first; i < parts[k].first + parts[k].count; ++i) {
        const double x = std::abs(static_cast<double>(g[i]));
        if (!std::isfinite(x)) return name_of_part(e, trainer.network(), k);
        if (parts[k].trains && x > size) size = x, largest = k;
      }
    return name_of_part(e, trainer.network(), largest);
  }

  bool train(std::size_t index, Results& results, const std::atomic<bool>& stop,
             const std::function<void(const TrainingProgress&)>& progress) {
    const PhaseSpec& phase = e.phases[index];
    const TrialSpec& t = *phase.trials;
    const LearningSpec& l = *learning_of(e, phase);
    trainer.aim(build_goal(e, l));
    const std::vector<Part> parts = trained_parts(e, trainer.network(), l);
    if (!optimisers.contains(l.name))
      optimisers.try_emplace(l.name, l.optimiser_model(),
                             std::make_shared<ParameterSet>(make_parameters(l.optimiser, e.seed, l.name, 0, 1, 1)),
                             parts, trainer.network().size(), l.clip);
    Optimiser<float>& optimiser = optimisers.at(l.name);
    PhaseReport& report = reports.back();
    const std::size_t lanes = t.lanes * t.accumulate;
    double best_value = std::numeric_limits<double>::quiet_NaN();

    for (std::size_t epoch = 1; epoch <= t.epochs && !stop; ++epoch) {
      const auto began = Clock::now();
      std::vector<std::uint32_t> samples = data(t).splits.at(t.split);
      if (t.shuffled) {
        Random r = random_stream(e.seed, Purpose::order, phase.name, epoch);
        shuffle(samples, r);
      }
      Scores scores(trainer.network(), build_goal(e, l), t.metrics, samples.size());
      double norms = 0.0;
      std::size_t batches = 0;
      for (std::size_t first = 0; first < samples.size(); first += lanes) {
        if (stop) return false;
        const auto part = std::span(samples).subspan(first, std::min(lanes, samples.size() - first));
        Batch<float> b = build_batch(e, trainer.network(), phase, l, epoch, 0, part);
        b.look = [&](std::size_t lane, const Trial<float>& trial, std::size_t k) {
          scores.look(first + lane, trial, k, b.target(lane));
        };
        const std::vector<double> losses = trainer.learn(b);
        for (std::size_t k = 0; k < losses.size(); ++k) scores.add_loss(first + k, losses[k]);
        ++batches;
        const double norm = optimiser.step(trainer.gradient(), trainer.theta());
        if (!std::isfinite(norm)) {
          results.trained(numbers());
          throw InputError(l.where, fmt::format("{}, epoch {}, batch {}: numbers are no longer finite, first in {}; "
                                                "the result file has the weights of the "
                                                "batch before. A smaller rate or `clip` may help",
                                                phase.name, epoch, batches, culprit(parts)));
        }
        norms += norm;
        report.samples += part.size();
      }
      EpochResult r{
          .epoch = epoch, .trained = scores.values(t.metrics), .gradient_norm = norms / static_cast<double>(batches)};
      r.seconds = std::chrono::duration<double>(Clock::now() - began).count();
      bool better = false;
      if (t.validate) {
        if (epoch % t.validate->every == 0) {
          r.validated = score(phase, l, data(t).splits.at(t.validate->split), t.validate->metrics, epoch, 1, stop)
                            .values(t.validate->metrics);
          if (stop) return false;
        } else {
          r.validated.assign(t.validate->metrics.size(), std::numeric_limits<double>::quiet_NaN());
        }
      }
      if (t.keep && epoch % t.validate->every == 0) {
        const auto at = std::find(t.validate->metrics.begin(), t.validate->metrics.end(), t.keep->best) -
                        t.validate->metrics.begin();
        const double value = r.validated[static_cast<std::size_t>(at)];
        better = std::isnan(best_value) || (larger_is_better(t.keep->best) ? value > best_value : value < best_value);
        if (better) {
          best_value = value;
          best = trainer.theta();
          report.best_epoch = epoch;
        }
      }
      results.epoch(index, r);
      report.epochs = epoch;
      report.values.clear();
      for (std::size_t k = 0; k < t.metrics.size(); ++k)
        report.values.emplace_back(metric_names[static_cast<std::size_t>(t.metrics[k])], r.trained[k]);
      progress({index, epoch, static_cast<double>(samples.size()) / r.seconds, &r, better});
      if (t.keep && t.keep->patience > 0 && epoch - report.best_epoch >= t.keep->patience) {
        report.stopped_early = epoch < t.epochs;
        break;
      }
    }
    if (t.keep) {
      report.values.emplace_back(fmt::format("best {}", metric_names[static_cast<std::size_t>(t.keep->best)]),
                                 best_value);
      if (t.keep->restore && !best.empty()) trainer.theta() = best;
    }
    return !stop;
  }

  bool evaluate(std::size_t index, Results& results, const std::atomic<bool>& stop) {
    const PhaseSpec& phase = e.phases[index];
    const TrialSpec& t = *phase.trials;
    const LearningSpec& l = *learning_of(e, phase);
    trainer.aim(build_goal(e, l));
    const std::vector<float> last = trainer.theta();
    if (t.best_weights && best.empty())
      throw InputError(t.where, "no epoch was validated, so that there are no best weights");
    if (t.best_weights) trainer.theta() = best;
    const std::vector<std::uint32_t>& samples = data(t).splits.at(t.split);
    const Scores scores = score(phase, l, samples, t.metrics, 0, t.repeats, stop);
    trainer.theta() = last;
    if (stop) return false;
    Evaluation out{.values = scores.values(t.metrics), .loss = scores.losses(), .samples = samples.size() * t.repeats};
    for (std::size_t repeat = 0; repeat < t.repeats; ++repeat)
      for (const std::uint32_t s : samples) {
        out.sample.push_back(s);
        out.repeat.push_back(static_cast<std::uint32_t>(repeat));
      }
    if (scores.labelled()) {
      out.classes = scores.classes();
      out.confusion = scores.confusion();
      out.ties = scores.ties();
      out.label = scores.labels();
      out.answer = scores.answers();
    }
    PhaseReport& report = reports.back();
    report.samples = out.samples;
    for (std::size_t k = 0; k < t.metrics.size(); ++k)
      if (t.metrics[k] != Metric::confusion)
        report.values.emplace_back(metric_names[static_cast<std::size_t>(t.metrics[k])], out.values[k]);
    results.evaluation(index, out);
    return true;
  }

  bool run(Results& results, const std::atomic<bool>& stop,
           const std::function<void(const TrainingProgress&)>& progress) {
    results.open(e, {});
    bool complete = true;
    for (std::size_t k = 0; k < e.phases.size() && complete; ++k) {
      const auto began = Clock::now();
      results.begin_phase(k, 0);
      reports.push_back({.name = e.phases[k].name});
      complete = e.phases[k].trials->train ? train(k, results, stop, progress) : evaluate(k, results, stop);
      reports.back().seconds = std::chrono::duration<double>(Clock::now() - began).count();
      PhaseCounts c{.name = e.phases[k].name, .simulate_s = reports.back().seconds};
      counts.phases.push_back(c);
      results.end_phase(k, c);
    }
    results.trained(numbers());
    return complete;
  }

  const Experiment& e;
  Trainer<float> trainer;
  std::vector<float> start, best;
  std::map<std::string, Optimiser<float>> optimisers;
  RunCounts counts;
  std::vector<std::string> warnings;
  std::vector<PhaseReport> reports;
};

Training::Training(const Experiment& e) {
  const auto began = Impl::Clock::now();
  check_memory(e);
  impl_ = std::make_unique<Impl>(e);
  impl_->counts.build_s = std::chrono::duration<double>(Impl::Clock::now() - began).count();
}
Training::~Training() = default;

const RunCounts& Training::counts() const { return impl_->counts; }
const std::vector<std::string>& Training::warnings() const { return impl_->warnings; }
const std::vector<PhaseReport>& Training::reports() const { return impl_->reports; }
std::size_t Training::trained_numbers() const {
  std::size_t n = 0;
  for (const Part& b : impl_->trainer.network().parts()) n += b.trains ? b.count : 0;
  return n;
}

bool Training::run(Results& results, const std::atomic<bool>& stop,
                   const std::function<void(const TrainingProgress&)>& progress) {
  bool complete = false;
  Workers workers(impl_->e.engine.threads);
  std::exception_ptr error;
  workers.run([&] {
    try {
      complete = impl_->run(results, stop, progress);
    } catch (...) {
      error = std::current_exception();
    }
  });
  if (error) std::rethrow_exception(error);
  return complete;
}

}  // namespace volley
