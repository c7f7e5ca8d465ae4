// SPDX-License-Identifier: Apache-2.0
// The reference simulator: a heap of single events, and the order inside an instant written out step by step.
#include <reference/reference.h>

#include <reference/cell.h>

#include <network/connect.h>
#include <network/random_streams.h>
#include <network/sample.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <queue>
#include <set>
#include <tuple>

namespace volley::test {

namespace {

// Traces as plain values at their last event.
struct Traces {
  std::vector<double> value;
  Time last = 0;

  std::vector<double> at(Time t, const std::vector<Trace>& declared) const {
    std::vector<double> now = value;
    for (std::size_t k = 0; k < now.size(); ++k) now[k] *= std::exp(-to_ms(t - last) / declared[k].tau);
    return now;
  }
  void update(Time t, const std::vector<Trace>& declared, double e) {
    value = at(t, declared);
    last = t;
    for (std::size_t k = 0; k < value.size(); ++k) {
      const double step = declared[k].increment * (declared[k].times_e ? e : 1.0);
      value[k] = declared[k].update == Trace::Update::add ? value[k] + step : step;
    }
  }
};

struct Synapse {
  std::uint32_t source, target;  // in the view; in the population
  float weight;
  Time delay;
  Traces pre;
  std::vector<std::byte> state;
};

struct Projection {
  const ProjectionSpec* spec;
  std::vector<Synapse> synapses;           // (source, row position)
  std::vector<std::size_t> first;          // of each source, and the end
  std::vector<std::vector<std::size_t>> column;  // of each target neuron
  std::unique_ptr<SynapseStage> stage;
  ParameterSet rule_parameters;
  std::vector<Trace> pre, post;
  std::vector<Traces> post_traces;         // of each target neuron
  std::vector<double> level;               // drive that each synapse now delivers
  double gain() const { return spec->gain.value_or(1.0); }
  Time dendritic() const { return from_ms(spec->dendritic_delay); }
};

// The steps of an instant, in their order.
enum class Step { drive, own, arrival, post, sample };

struct Event {
  Time t;
  Step step;
  std::size_t owner;      // projection (drive, arrival, post), population (own), record (sample)
  std::size_t element;    // synapse in the order (source, row position), or neuron
  double value = 0.0;     // drive: the current; arrival: factor of the weight
  double e = 1.0;
  bool operator<(const Event& o) const {  // soonest on top
    return std::tie(o.t, o.step, o.owner, o.element) < std::tie(t, step, owner, element);
  }
};

class Reference {
 public:
  explicit Reference(const Experiment& x) : x_(x), end_(x.phases.at(0).duration), cells_(x.populations.size()) {
    for (std::size_t p = 0; p < x.populations.size(); ++p)
      if (!x.populations[p].stimulator) make_cells(p);
    for (std::size_t q = 0; q < x.projections.size(); ++q) make_projection(q);
    for (std::size_t p = 0; p < x.populations.size(); ++p)
      if (x.populations[p].stimulator) make_source(p);
    out_.states.resize(x.record.states.size());
    for (std::size_t r = 0; r < x.record.states.size(); ++r) heap_.push({0, Step::sample, r, 0});
  }

  Outcome run() {
    for (std::size_t p = 0; p < cells_.size(); ++p)
      for (std::size_t i = 0; i < cells_[p].size(); ++i) heap_.push({0, Step::own, p, i});
    while (!heap_.empty() && heap_.top().t < end_) instant(heap_.top().t);
    for (const Projection& p : projections_) {
      SynapseList list;
      for (const Synapse& s : p.synapses) {
        list.source.push_back(p.spec->from.first + s.source);
        list.target.push_back(s.target);
        list.weight.push_back(s.weight);
        list.delay_ms.push_back(to_ms(s.delay));
      }
      out_.weights.push_back(std::move(list));
    }
    return std::move(out_);
  }

 private:
  using Neuron = std::pair<std::size_t, std::size_t>;  // population, index

  void make_cells(std::size_t p) {
    const PopulationSpec& s = x_.populations[p];
    for (std::uint32_t i = 0; i < s.size; ++i) {
      ParameterSet one = make_parameters(s.model, x_.seed, s.name, i, 1, s.size);
      if (s.neuron().form == NeuronForm::membrane)
        cells_[p].push_back(std::make_unique<MembraneCell>(s.neuron().membrane(one.at(0))));
      else
        cells_[p].push_back(std::make_unique<VerbCell>(s.neuron(), std::move(one)));
      for (const InitialValue& v : s.init)
        cells_[p][i]->initialise(v.variable, draw_initial(v.value, x_.seed, s.name, v.variable, i, 1)[0]);
    }
  }

  // One block for each population.
  Placement placement() const {
    Placement place;
    place.of_population.resize(x_.populations.size());
    for (std::size_t p = 0; p < x_.populations.size(); ++p) {
      if (x_.populations[p].stimulator) continue;
      const Run whole{p, 0, x_.populations[p].size, place.of_block.size(), 0};
      place.of_population[p] = {whole};
      place.of_block.push_back({whole});
      place.block_size.push_back(whole.count);
    }
    return place;
  }

  static Time delay_in(const Rows& rows, std::uint32_t row, std::uint64_t k) {
    if (rows.classes.size() == 1) return rows.classes[0];
    if (rows.classes.empty()) return static_cast<Time>(rows.delay[k]) * rows.unit;
    std::uint32_t slice = rows.slice_first[row];
    while (k - rows.first[row] >= rows.slice_end[slice]) ++slice;
    return rows.classes[rows.slice_class[slice]];
  }

  void make_projection(std::size_t q) {
    const ProjectionSpec& s = x_.projections[q];
    Projection p{};
    p.spec = &s;
    if (!s.synapse_model().transparent)
      p.stage = s.synapse_model().make(make_parameters(s.synapse, x_.seed, s.name, 0, s.from.count, s.from.count), s.from.count);
    if (const RuleModel* rule = s.rule_model()) {
      p.rule_parameters = make_parameters(*s.rule, x_.seed, s.name, 0, 1, 1);
      p.pre = rule->pre(p.rule_parameters.at(0));
      p.post = rule->post(p.rule_parameters.at(0));
    }
    p.post_traces.resize(x_.populations[s.to.population].size, Traces{std::vector<double>(p.post.size(), 0.0)});
    p.column.resize(x_.populations[s.to.population].size);
    for (const Rows& rows : build_rows(x_, q, placement())) add_rows(p, rows);
    p.first.resize(s.from.count + 1, 0);
    for (std::size_t k = 0; k < p.synapses.size(); ++k) {
      p.column[p.synapses[k].target].push_back(k);
      p.first[p.synapses[k].source + 1] = k + 1;
    }
    for (std::size_t i = 1; i < p.first.size(); ++i) p.first[i] = std::max(p.first[i], p.first[i - 1]);
    p.level.resize(p.synapses.size(), 0.0);
    projections_.push_back(std::move(p));
  }

  static void add_rows(Projection& p, const Rows& rows) {
    const RuleModel* rule = p.spec->rule_model();
    for (std::uint32_t row = 0; row < rows.sources; ++row)
      for (std::uint64_t k = rows.first[row]; k < rows.first[row + 1]; ++k) {
        Synapse s{row, rows.target[k], rows.weight.empty() ? rows.constant : rows.weight[k], delay_in(rows, row, k), {}, {}};
        s.pre.value.resize(p.pre.size(), 0.0);
        if (rule && rule->synapse_size) {
          s.state.resize(rule->synapse_size);
          rule->synapse_init(s.state.data(), 1);
        }
        p.synapses.push_back(std::move(s));
      }
  }

  // Draws all signals of a stimulator before the end.
  void make_source(std::size_t p) {
    const PopulationSpec& s = x_.populations[p];
    const std::uint32_t step = s.source().whole ? s.size : chunk_size;
    const ParameterSet parameters = make_parameters(s.model, x_.seed, s.name, 0, s.size, s.size);
    struct Host { std::uint64_t seed; const std::string* name; } host{x_.seed, &s.name};
    const NoFiles files;
    std::vector<std::string> notes;
    for (std::uint32_t first = 0; first < s.size; first += step) {
      Units u{};
      u.first = first;
      u.count = std::min(step, s.size - first);
      u.size = s.size;
      u.parameters = &parameters;
      u.random = random_stream(x_.seed, Purpose::stimulator, s.name, first / chunk_size);
      u.shared = [](const void* h, std::uint64_t index) {
        const auto* from = static_cast<const Host*>(h);
        return random_stream(from->seed, Purpose::shared, *from->name, index);
      };
      u.host = &host;
      u.files = &files;
      u.notes = &notes;
      const auto source = s.source().make(std::move(u));
      std::vector<Signal> signals(64);
      while (const std::size_t n = source->emit(end_, signals))
        for (std::size_t k = 0; k < n; ++k) send(p, signals[k].unit, signals[k].t, signals[k].value);
    }
  }

  // A signal or a spike of unit i: one event a synapse.
  void send(std::size_t population, std::uint32_t i, Time t, double value = 0.0) {
    for (std::size_t q = 0; q < projections_.size(); ++q) {
      Projection& p = projections_[q];
      const View& from = p.spec->from;
      if (from.population != population || i < from.first || i - from.first >= from.count) continue;
      const bool current = x_.populations[population].stimulator && x_.populations[population].source().emits == Emits::current;
      const Transmission x = p.stage ? p.stage->transmit(i - from.first, t) : Transmission{};
      for (std::size_t k = p.first[i - from.first]; k < p.first[i - from.first + 1]; ++k)
        heap_.push({t + p.synapses[k].delay, current ? Step::drive : Step::arrival, q, k, current ? value : p.gain() * x.weight, x.e});
    }
  }

  void instant(Time t) {
    std::set<Neuron> touched;
    const auto take = [&](Step step, auto&& act) {
      while (!heap_.empty() && heap_.top().t == t && heap_.top().step == step) {
        const Event e = heap_.top();
        heap_.pop();
        act(e);
      }
    };
    take(Step::drive, [&](const Event& e) { touched.insert(drive(t, e)); });
    take(Step::own, [&](const Event& e) {
      cells_[e.owner][e.element]->begin(t);
      touched.insert({e.owner, e.element});
    });
    take(Step::arrival, [&](const Event& e) { touched.insert(arrive(t, e)); });
    for (const Neuron& n : touched)
      if (cells_[n.first][n.second]->fires(t)) spike(t, n);
    take(Step::post, [&](const Event& e) { post_event(t, projections_[e.owner], e.element); });
    take(Step::sample, [&](const Event& e) { sample(t, e.owner); });
    for (const Neuron& n : touched) {
      const Time next = cells_[n.first][n.second]->next_event(end_);
      if (next < end_) heap_.push({next, Step::own, n.first, n.second});
    }
  }

  Neuron drive(Time t, const Event& e) {
    Projection& p = projections_[e.owner];
    const Synapse& s = p.synapses[e.element];
    const double level = static_cast<double>(s.weight) * p.gain() * e.value;
    cells_[p.spec->to.population][s.target]->drive(t, level - p.level[e.element]);
    p.level[e.element] = level;
    return {p.spec->to.population, s.target};
  }

  // transmit -> receive -> on_pre
  Neuron arrive(Time t, const Event& event) {
    Projection& p = projections_[event.owner];
    Synapse& s = p.synapses[event.element];
    cells_[p.spec->to.population][s.target]->receive(t, p.spec->port, event.value, s.weight);
    ++(x_.populations[p.spec->from.population].stimulator ? out_.counts.external_events : out_.counts.synaptic_events);
    if (const RuleModel* rule = p.spec->rule_model()) {
      if (rule->on_pre) {
        const std::vector<double> pre = s.pre.at(t, p.pre), post = p.post_traces[s.target].at(t, p.post), ones(post.size(), 1.0);
        const Local zero = 0;
        rule->on_pre(p.rule_parameters.at(0), {&s.weight, s.state.empty() ? nullptr : s.state.data(), &zero, 1,
                                               pre.data(), post.data(), ones.data(), event.e});
        ++out_.counts.plastic_events;
      }
      s.pre.update(t, p.pre, event.e);
    }
    return {p.spec->to.population, s.target};
  }

  void spike(Time t, const Neuron& n) {
    const auto i = static_cast<std::uint32_t>(n.second);
    out_.spikes.push_back({t, n.first, i});
    ++out_.counts.spikes;
    send(n.first, i, t);
    for (std::size_t q = 0; q < projections_.size(); ++q)
      if (projections_[q].spec->rule && projections_[q].spec->to.population == n.first)
        heap_.push({t + 2 * projections_[q].dendritic(), Step::post, q, i});
  }

  void post_event(Time t, Projection& p, std::size_t target) {
    const RuleModel* rule = p.spec->rule_model();
    const std::vector<double> post = p.post_traces[target].at(t, p.post);
    for (const std::size_t k : p.column[target]) {
      if (!rule->on_post) break;
      Synapse& s = p.synapses[k];
      const std::vector<double> pre = s.pre.at(t, p.pre), ones(pre.size(), 1.0);
      const std::uint32_t zero = 0;
      rule->on_post(p.rule_parameters.at(0), {&s.weight, s.state.empty() ? nullptr : s.state.data(), &zero, &zero, 1,
                                              pre.data(), ones.data(), post.data()});
      ++out_.counts.plastic_events;
    }
    p.post_traces[target].update(t, p.post, 1.0);
  }

  void sample(Time t, std::size_t record) {
    const StateRecord& r = x_.record.states[record];
    StateSample s{t, {}};
    for (const std::string& variable : r.variables)
      for (std::uint32_t i = 0; i < r.what.count; ++i)
        s.values.push_back(static_cast<float>(cells_[r.what.population][r.what.first + i]->read(variable, t)));
    out_.states[record].push_back(std::move(s));
    heap_.push({t + r.every, Step::sample, record, 0});
  }

  const Experiment& x_;
  Time end_;
  std::vector<std::vector<std::unique_ptr<Cell>>> cells_;
  std::vector<Projection> projections_;
  std::priority_queue<Event> heap_;
  Outcome out_;
};

}  // namespace

Outcome run_reference(const Experiment& x) { return Reference(x).run(); }

}  // namespace volley::test
