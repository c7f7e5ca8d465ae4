// SPDX-License-Identifier: Apache-2.0
// An experiment as checked data: what to build and run. It knows no YAML and computes nothing.
// Numbers are in the unit of their field (ms, mV, pA, ...); times that the engine compares are Time.
#pragma once

#include <network/dataset.h>
#include <network/patches.h>
#include <network/schedule.h>

#include <volley/learning_rule.h>
#include <volley/loss.h>
#include <volley/modulator.h>
#include <volley/neuron.h>
#include <volley/optimiser.h>
#include <volley/rule.h>
#include <volley/stimulator.h>
#include <volley/synapse.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace volley {

// A place in a user's file, for errors found after parsing. line 0: none.
struct Where {
  std::string file;
  int line = 0, column = 0;
  std::string path;  // "populations.E.parameters.tau_m"
};

struct Distribution {
  enum class Kind : std::uint8_t {
    constant,     // a
    uniform,      // low a, high b
    normal,       // mean a, sd b
    lognormal,    // mean a, sd b of the variable itself
    exponential,  // mean a
    gamma,        // shape a, scale b
    truncated_normal,  // mean a, sd b, redrawn outside [min, max]
    values,       // one each, in order
  };
  Kind kind = Kind::constant;
  double a = 0.0, b = 0.0;
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  bool clip = false;       // outside: clip; else redraw
  double quantise = 0.0;   // step; 0: none. After redrawing: nearest multiple, at least one
  std::vector<double> values;
  Where where;

  bool constant() const { return kind == Kind::constant; }
};

struct FieldValue {
  const FieldInfo* field;
  std::variant<Distribution, bool, std::int64_t, std::string, std::vector<double>,
               std::vector<std::vector<double>>, std::vector<std::string>>
      value;  // choice: std::int64_t, the index
  Where where;
};

// A model by name with the values that the user wrote; every other field has its default.
struct ModelChoice {
  const Model* model = nullptr;
  std::vector<FieldValue> values;
  Where where;
};

struct InitialValue {
  std::string variable;
  Distribution value;
  Where where;
};

struct PopulationSpec {
  std::string name;
  bool stimulator = false;
  ModelChoice model;
  std::uint32_t size = 0;
  LayerShape shape;             // all 0: it has no channels, rows and columns
  int substeps = 1;
  double dropout = 0.0;  // of a layer that learns: the share of outputs that are 0 in a trial of training
  std::vector<InitialValue> init;
  // Of a stimulator that encodes: the field that it presents.
  std::size_t dataset = 0;
  std::string field;
  Where where;

  const NeuronModel& neuron() const { return static_cast<const NeuronModel&>(*model.model); }
  const StimulatorModel& source() const { return static_cast<const StimulatorModel&>(*model.model); }
  bool clocked() const { return !stimulator && neuron().clocked(); }
  // Whether it is of the trials of networks that learn.
  bool in_trials() const { return stimulator ? source().encode != nullptr : neuron().form == NeuronForm::unit; }
};

// Units first .. first + count - 1 of a population.
struct View {
  std::size_t population = 0;
  std::uint32_t first = 0, count = 0;
};

struct Connect {
  enum class Rule : std::uint8_t {
    one_to_one, all_to_all, fixed_indegree, fixed_outdegree, fixed_total_number, pairwise_bernoulli, list,
    // between whole layers that learn: a matrix of weights, a convolution, the mean or sum of patches
    dense, conv2d, pool,
  };
  Rule rule = Rule::one_to_one;
  std::uint64_t number = 0;  // in-degree, out-degree or total
  double p = 0.0;
  bool allow_autapses = true, allow_multapses = true;
  // list: indices within the views; weight (port's unit) and delay (ms) where the file gives them
  std::vector<std::uint32_t> source, target;
  std::vector<double> weight, delay;
  std::optional<Patches> patches;  // conv2d, pool
  double pooled = 0.0;             // pool: the factor of each pixel of a patch
  Where where;

  bool between_layers() const { return rule == Rule::dense || rule == Rule::conv2d || rule == Rule::pool; }
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"  // g++ 12 takes the names of a scoped enum for names of this scope
enum class SignRule : std::uint8_t { any, non_negative, non_positive };
#pragma GCC diagnostic pop

struct ProjectionSpec {
  std::string name;
  View from, to;
  Connect connect;
  Distribution weight;  // in the port's unit; without unit where gain is given
  Distribution delay;   // ms, axonal
  double dendritic_delay = 0.0;  // ms
  int port = 0;
  std::string port_unit;
  SignRule sign = SignRule::any;   // what every weight must satisfy (port exc/inh by sign, conductances)
  std::optional<double> gain;      // in the port's unit
  ModelChoice synapse;
  std::optional<ModelChoice> rule;
  bool trainable = true;           // of a dense one
  struct Tie {
    std::string name;              // whose weights it shares
    bool transposed = false;
    Where where;
    std::size_t projection = 0;    // the same
  };
  std::optional<Tie> tie;          // of a dense one: instead of `weight`
  std::optional<double> orthogonal;  // of a dense one: the length of its initial rows or columns, else `weight`
  Where where;

  const SynapseModel& synapse_model() const { return static_cast<const SynapseModel&>(*synapse.model); }
  const RuleModel* rule_model() const {
    return rule ? static_cast<const RuleModel*>(rule->model) : nullptr;
  }
};

// phases: indices into Experiment::phases; empty means all.
struct SpikeRecord { View what; std::vector<std::size_t> phases; };
struct StateRecord {
  View what;
  std::vector<std::string> variables;
  std::vector<std::uint32_t> neurons;  // within the population; empty: all of the view
  Time every = 0;                      // samples at multiples of `every`, 0 included, of the phase's own time
  std::vector<std::size_t> phases;
  Where where;
};
struct WeightRecord {
  std::size_t projection = 0;
  Time every = 0;                 // 0: none
  bool on_change = false;
  bool at_start = false, at_end = false;
  std::vector<Time> at;           // network time
  // subset; empty: all. Sources and targets within the projection's views.
  std::vector<std::uint32_t> sources, targets;
  std::vector<std::size_t> phases;
  Where where;
};
struct RateRecord { View what; Time every = 0; std::vector<std::size_t> phases; };
// Spikes of evaluations: of the first repeat of some samples, which are places in the phase's split; empty: all.
struct TrialRecord {
  std::size_t population = 0;
  std::vector<std::uint32_t> samples;
  std::vector<std::size_t> phases;
};

struct Records {
  std::vector<SpikeRecord> spikes;
  std::vector<StateRecord> states;
  std::vector<WeightRecord> weights;
  std::vector<RateRecord> rates;
  std::vector<TrialRecord> trials;  // of experiments that learn, instead of all others
};

// How a loss is made smaller.
struct LearningSpec {
  std::string name;
  ModelChoice rule;
  Credit credit{};                  // what the rule wants
  std::size_t window = 0;           // ticks of a truncated one; 0: the whole trial
  std::size_t update = 0;           // ticks between changes of the weights; 0: once a batch
  ModelChoice loss;
  std::size_t of = 0;  // population
  std::size_t dataset = 0;
  std::string target;  // field
  Reduction reduction{};
  ModelChoice optimiser;
  Schedule schedule;
  ModelChoice modulator;            // model null: none
  std::optional<double> clip;       // of the gradient's norm
  std::vector<std::string> trains;  // projections and populations; empty: all
  Where where;

  // Trials are held window by window, and not as a whole; traces take windows of a length that changes no result.
  bool in_windows() const { return credit.past == Credit::Past::traces || window > 0; }
  std::size_t longest_window() const { return window > 0 ? window : 32; }
  const LossModel& loss_model() const { return static_cast<const LossModel&>(*loss.model); }
  const ModulatorModel* modulator_model() const { return static_cast<const ModulatorModel*>(modulator.model); }
  const OptimiserModel& optimiser_model() const { return static_cast<const OptimiserModel&>(*optimiser.model); }
};

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"  // as above
enum class Metric : std::uint8_t {
  loss, accuracy, nll_per_step, nll_per_sequence, perplexity, confusion, spikes_per_sample, synops_per_sample,
};
#pragma GCC diagnostic pop
inline constexpr std::array<std::string_view, 8> metric_names{
    "loss",       "accuracy",  "nll_per_step",      "nll_per_sequence",
    "perplexity", "confusion", "spikes_per_sample", "synops_per_sample"};
constexpr std::string_view name_of(Metric m) { return metric_names[static_cast<std::size_t>(m)]; }

// Trials of a data set's split: to learn from, or to evaluate.
struct TrialSpec {
  bool train = false;
  std::size_t dataset = 0;
  std::string split;
  std::string learning;          // of training: its name
  std::size_t epochs = 1, repeats = 1, lanes = 1, accumulate = 1;
  std::size_t ticks = 0;         // 0: as many as the sample has
  bool truncate = false;         // a longer sample ends there; else there is none
  bool shuffled = false;
  std::vector<Metric> metrics;
  struct Validate {
    std::string split;
    std::vector<Metric> metrics;
    std::size_t every = 1;       // epochs
  };
  std::optional<Validate> validate;
  struct Keep {
    Metric best{};
    std::size_t patience = 0;    // epochs without a better one; 0: no limit
    bool restore = false;
  };
  std::optional<Keep> keep;
  bool best_weights = false;     // of an evaluation: those kept, for it alone
  Where where;
};

struct PhaseSpec {
  std::string name;
  Time duration = 0;
  bool plasticity = true;
  std::optional<TrialSpec> trials;  // else the phase simulates for `duration`
};

struct EngineOptions {
  Time window = 0;            // upper limit of the window; 0: none. Changes no result
  double memory_limit_mb = 0; // 0: the machine's memory
  std::uint32_t block_size = 0;  // upper limit of neurons in a block; 0: chosen. Changes no result
  int threads = 0;            // 0: all cores
  bool double_precision = false;  // of networks that learn
};

struct PluginUse { std::string path, tag, sha256; };

struct Experiment {
  std::string file;        // as given
  std::string name;        // stem of the file
  std::uint64_t seed = 0;
  Time tick = 0;           // 0: nothing is clocked
  EngineOptions engine;
  std::vector<PopulationSpec> populations;
  std::vector<ProjectionSpec> projections;
  std::vector<PhaseSpec> phases;
  std::vector<std::shared_ptr<const Dataset>> datasets;
  std::vector<LearningSpec> learning;
  Records record;
  std::vector<PluginUse> plugins;
  std::string source;      // the file's text
  std::string resolved;    // YAML with every default used
  std::vector<std::string> warnings;

  // Whether its phases are trials of networks that learn.
  bool learns() const {
    for (const PhaseSpec& p : phases)
      if (p.trials) return true;
    return false;
  }
  // Of all phases.
  Time duration() const {
    Time total = 0;
    for (const PhaseSpec& p : phases) total += p.duration;
    return total;
  }
};

// The block whose loss a phase of trials takes: its own, else the last trained one's, else the first; null: none.
const LearningSpec* learning_of(const Experiment&, const PhaseSpec&);

}  // namespace volley
