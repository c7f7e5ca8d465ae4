// SPDX-License-Identifier: Apache-2.0
#include <learning/activity.h>
#include <learning/build.h>
#include <learning/learner.h>
#include <learning/reports.h>
#include <learning/scores.h>
#include <learning/trained.h>
#include <learning/trial_spikes.h>
#include <network/error.h>
#include <network/memory.h>
#include <network/parallel.h>
#include <network/random_streams.h>
#include <network/sample.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace volley::learning {
namespace {

// In single or in double precision.
template <class Real>
struct LearnerOf final : Learner {
  // Looks at a lane of a trial, which is number `at` of an evaluation.
  using Look = std::function<void(std::size_t at, const Trial<Real>&, std::size_t lane)>;

  explicit LearnerOf(const Experiment& experiment)
      : Learner(experiment), trainer(build_network<Real>(experiment), Goal{}) {
    so_far.resolved = e.resolved;
    so_far.start = doubles(trainer.theta());
    const auto& network = trainer.network();
    for (const Layer& l : network.layers()) counts.neurons += l.unit ? l.size : 0;
    for (const Dense& d : network.projections())
      counts.synapses += d.kind.synapses(network.layers()[d.from].size, network.layers()[d.to].size);
    counts.bytes_per_synapse = sizeof(Real);
    counts.window = never;
    counts.threads = e.engine.threads > 0 ? e.engine.threads : worker_count();
    warnings = unreached(network.layers(), network.projections());
    for (const PhaseSpec& phase : e.phases) reports_of_rules.push_back(report(phase));
  }

  static std::vector<double> doubles(const std::vector<Real>& x) { return {x.begin(), x.end()}; }
  std::size_t numbers_that_train() const override {
    return trainer.network().numbers_that_train();
  }
  void start_with(const std::vector<TrainedNumbers>& given, bool partial) override {
    set_numbers(e, trainer.network(), given, partial, trainer.theta());
    trainer.network().tie(trainer.theta().data());
    so_far.start = doubles(trainer.theta());
  }
  void resume(Checkpoint c) override {
    if (c.resolved != e.resolved)
      throw InputError("the experiment is not the one that was interrupted; --weights starts another from its weights");
    for (const LearningSpec& l : e.learning)
      if (l.credit.carrier == Credit::Carrier::adaptive)
        throw InputError(l.rule.where, "feedback that follows the weights is in no checkpoint; --weights starts "
                                       "another run from the weights of this one's result");
    if (c.theta.size() != trainer.theta().size() || c.phase > e.phases.size())
      throw InternalError("a checkpoint that does not fit its experiment");
    set_theta(c.theta);
    so_far = std::move(c);
  }
  void set_theta(const std::vector<double>& x) {
    for (std::size_t i = 0; i < x.size(); ++i) trainer.theta()[i] = static_cast<Real>(x[i]);
  }

  // Throws where the rule has no way, or its traces no room.
  RuleReport report(const PhaseSpec& phase) {
    if (!phase.trials->train) return {};
    const LearningSpec& l = *learning_of(e, phase);
    const std::vector<Part> trains = trained_parts(e, trainer.network(), l);
    try {
      trainer.aim(build_goal(e, l), trains);
    } catch (const InputError& error) {
      throw InputError(l.where, error.what());
    }
    const TrialSpec& t = *phase.trials;
    const std::vector<std::uint32_t>& samples = data(t).splits.at(t.split);
    std::size_t ticks = t.ticks;
    for (const std::uint32_t s : samples) ticks = t.ticks != 0 ? ticks : std::max(ticks, data(t).steps(s));
    RuleReport r = report_rule(trainer.network(), trains, build_goal(e, l), ticks, looks(t));
    r.lanes = std::min(t.lanes * t.accumulate, samples.size());
    const double mb = r.trace_bytes * static_cast<double>(r.lanes) / 1e6, limit = memory_limit_mb(e);
    if (mb > limit)
      throw InputError(l.rule.where, fmt::format("traces of {} lanes need {:.4g} MB; the limit is {:.4g} MB ({})",
                                                 r.lanes, mb, limit, limit_name(e)));
    return r;
  }

  static bool looks(const TrialSpec& t) {
    return std::find(t.metrics.begin(), t.metrics.end(), Metric::accuracy) != t.metrics.end();
  }
  const Dataset& data(const TrialSpec& t) const { return *e.datasets[t.dataset]; }

  Scores<Real> score(const PhaseSpec& phase, const LearningSpec& l, const std::vector<std::uint32_t>& samples,
                     const std::vector<Metric>& metrics, std::size_t epoch, std::size_t repeats,
                     const std::atomic<bool>& stop, const Look& watch = {}) {
    const std::size_t lanes = phase.trials->lanes;
    Scores<Real> scores(trainer.network(), build_goal(e, l), metrics, samples.size() * repeats);
    for (std::size_t repeat = 0; repeat < repeats; ++repeat)
      for (std::size_t first = 0; first < samples.size() && !stop; first += lanes) {
        const auto part = std::span(samples).subspan(first, std::min(lanes, samples.size() - first));
        Batch<Real> b = build_batch(e, trainer.network(), phase, l, epoch, repeat, part);
        const std::size_t at = repeat * samples.size() + first;
        b.look = [&](std::size_t lane, const Trial<Real>& trial, std::size_t k) {
          scores.look(at + lane, trial, k, b.target(lane));
          if (watch) watch(at + lane, trial, k);
        };
        const std::vector<double> losses = trainer.evaluate(b);
        for (std::size_t k = 0; k < losses.size(); ++k) scores.add_loss(at + k, losses[k]);
      }
    return scores;
  }

  std::vector<TrainedNumbers> numbers() {
    const std::vector<double> last = doubles(trainer.theta());
    return learning::trained_numbers(e, trainer.network(), {&so_far.start, &so_far.best, &last});
  }

  Optimiser<Real>& optimiser_of(const LearningSpec& l) {
    const auto [it, made] = optimisers.try_emplace(
        l.name, l.optimiser_model(),
        std::make_shared<ParameterSet>(make_parameters(l.optimiser, e.seed, l.name, 0, 1, 1)),
        trained_parts(e, trainer.network(), l), trainer.network().size(), l.clip);
    for (const Checkpoint::Optimiser& o : so_far.optimisers)
      if (made && o.learning == l.name) it->second.resume(o.steps, {o.moments.begin(), o.moments.end()});
    return it->second;
  }

  // All that the rest of the run depends on, to be kept.
  void save() {
    if (!keep_checkpoint) return;
    so_far.theta = doubles(trainer.theta());
    for (const LearningSpec& l : e.learning)
      if (optimisers.contains(l.name)) {
        auto o = std::find_if(so_far.optimisers.begin(), so_far.optimisers.end(),
                              [&](const auto& x) { return x.learning == l.name; });
        if (o == so_far.optimisers.end()) o = so_far.optimisers.insert(o, Checkpoint::Optimiser{.learning = l.name});
        o->steps = optimisers.at(l.name).steps();
        o->moments = doubles(optimisers.at(l.name).moments());
      }
    keep_checkpoint(so_far);
  }

  // Presents all samples once and learns from them. None: it was stopped.
  std::optional<EpochResult> present(std::size_t index, std::size_t epoch, Optimiser<Real>& optimiser, Results& results,
                                     const std::atomic<bool>& stop) {
    const PhaseSpec& phase = e.phases[index];
    const TrialSpec& t = *phase.trials;
    const LearningSpec& l = *learning_of(e, phase);
    const std::vector<Part> trains = trained_parts(e, trainer.network(), l);
    const std::size_t lanes = t.lanes * t.accumulate;
    std::vector<std::uint32_t> samples = data(t).splits.at(t.split);
    if (t.shuffled) {
      Random r = random_stream(e.seed, Purpose::order, phase.name, epoch);
      shuffle(samples, r);
    }
    Scores<Real> scores(trainer.network(), build_goal(e, l), t.metrics, samples.size());
    double norms = 0.0;
    std::size_t batches = 0, updates = 0;
    for (std::size_t first = 0; first < samples.size(); first += lanes) {
      if (stop) return std::nullopt;
      const auto part = std::span(samples).subspan(first, std::min(lanes, samples.size() - first));
      Batch<Real> b = build_batch(e, trainer.network(), phase, l, epoch, 0, part);
      if (looks(t))
        b.look = [&](std::size_t lane, const Trial<Real>& trial, std::size_t k) {
          scores.look(first + lane, trial, k, b.target(lane));
        };
      b.update = [&] {
        const double norm = optimiser.step(trainer.gradient(), trainer.theta());
        trainer.network().tie(trainer.theta().data());
        ++updates;
        norms += norm;
        if (std::isfinite(norm)) return;
        results.trained(numbers());
        throw InputError(l.where, fmt::format("{}, epoch {}, batch {}: numbers are no longer finite, first in {}; "
                                              "the result file has the weights of the "
                                              "batch before. A smaller rate or `clip` may help",
                                              phase.name, epoch, batches,
                                              culprit(e, trainer.network(), trains, trainer.gradient())));
      };
      ++batches;
      const std::vector<double> losses = trainer.learn(b);
      for (std::size_t k = 0; k < losses.size(); ++k) scores.add_loss(first + k, losses[k]);
      b.update();
    }
    return EpochResult{
        .epoch = epoch, .trained = scores.values(t.metrics), .gradient_norm = norms / static_cast<double>(updates)};
  }

  bool train(std::size_t index, Results& results, const std::atomic<bool>& stop,
             const std::function<void(const TrainingProgress&)>& progress) {
    const PhaseSpec& phase = e.phases[index];
    const TrialSpec& t = *phase.trials;
    const LearningSpec& l = *learning_of(e, phase);
    trainer.aim(build_goal(e, l), trained_parts(e, trainer.network(), l));
    results.about(index, "exact", reports_of_rules[index].exactness());
    Optimiser<Real>& optimiser = optimiser_of(l);
    std::size_t ended = epochs_of(so_far, index).size();
    const auto out_of_patience = [&] {
      return t.keep && t.keep->patience > 0 && ended - best_epoch(t, so_far, index).epoch >= t.keep->patience;
    };

    while (ended < t.epochs && !out_of_patience() && !stop) {
      const std::size_t epoch = ended + 1;
      const auto began = Clock::now();
      optimiser.scale_rate(l.schedule.at(epoch));
      std::optional<EpochResult> r = present(index, epoch, optimiser, results, stop);
      if (!r) return false;
      r->seconds = std::chrono::duration<double>(Clock::now() - began).count();
      if (t.validate) {
        if (epoch % t.validate->every == 0) {
          r->validated = score(phase, l, data(t).splits.at(t.validate->split), t.validate->metrics, epoch, 1, stop)
                            .values(t.validate->metrics);
          if (stop) return false;
        } else {
          r->validated.assign(t.validate->metrics.size(), std::numeric_limits<double>::quiet_NaN());
        }
      }
      so_far.epochs.push_back({index, *r});
      ended = epoch;
      const bool better = t.keep && best_epoch(t, so_far, index).epoch == epoch;
      if (better) so_far.best = doubles(trainer.theta());
      results.epoch(index, *r);
      save();
      progress({index, epoch, static_cast<double>(data(t).splits.at(t.split).size()) / r->seconds, &*r, better});
    }
    if (const std::string w = exploding_gradient(so_far, index); !w.empty())
      warnings.push_back(fmt::format("{}: {}", phase.name, w));
    if (stop) return false;
    if (t.keep && t.keep->restore && !so_far.best.empty()) set_theta(so_far.best);
    return true;
  }

  bool evaluate(std::size_t index, Results& results, const std::atomic<bool>& stop) {
    const PhaseSpec& phase = e.phases[index];
    const TrialSpec& t = *phase.trials;
    const LearningSpec& l = *learning_of(e, phase);
    trainer.aim(build_goal(e, l), trained_parts(e, trainer.network(), l));
    const std::vector<Real> last = trainer.theta();
    if (t.best_weights && so_far.best.empty())
      throw InputError(t.where, "no epoch was validated, so that there are no best weights");
    if (t.best_weights) set_theta(so_far.best);
    const std::vector<std::uint32_t>& samples = data(t).splits.at(t.split);
    TrialSpikeRecorder recorder(e, index, samples);
    Activity activity(trainer.network().layers());
    const Scores<Real> scores = score(phase, l, samples, t.metrics, 0, t.repeats, stop,
                                [&](std::size_t at, const Trial<Real>& trial, std::size_t lane) {
                                  recorder.look(at, trial, lane);
                                  activity.look(trial, lane);
                                });
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
    out.spikes = recorder.take();
    for (const std::string& w : activity.warnings()) warnings.push_back(fmt::format("{}: {}", phase.name, w));
    results.evaluation(index, out);
    so_far.evaluations.push_back({index, std::move(out)});
    return true;
  }

  bool run(Results& results, const std::atomic<bool>& stop, const Progress& progress) override {
    results.open(e, {});
    bool complete = true;
    for (std::size_t k = 0; k < e.phases.size() && complete; ++k) {
      const bool over = k < so_far.phase;  // before this run, as the epochs of the phase at hand
      const auto began = Clock::now();
      results.begin_phase(k, 0);
      for (const Checkpoint::Epoch* r : epochs_of(so_far, k)) results.epoch(k, r->result);
      for (const Checkpoint::Evaluated& r : so_far.evaluations)
        if (r.phase == k) results.evaluation(k, r.result);
      if (!over) complete = e.phases[k].trials->train ? train(k, results, stop, progress) : evaluate(k, results, stop);
      reports.push_back(report_of(e, so_far, k));
      if (!over) reports.back().seconds = std::chrono::duration<double>(Clock::now() - began).count();
      PhaseCounts c{.name = e.phases[k].name, .simulate_s = reports.back().seconds};
      counts.phases.push_back(c);
      results.end_phase(k, c);
      if (over || !complete) continue;
      so_far.phase = k + 1;
      save();
    }
    results.trained(numbers());
    return complete;
  }

  Trainer<Real> trainer;
  std::map<std::string, Optimiser<Real>> optimisers;
};

}  // namespace

std::unique_ptr<Learner> make_learner(const Experiment& e) {
  if (e.engine.double_precision) return std::make_unique<LearnerOf<double>>(e);
  return std::make_unique<LearnerOf<float>>(e);
}

}  // namespace volley::learning
