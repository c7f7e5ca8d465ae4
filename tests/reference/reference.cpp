// SPDX-License-Identifier: Apache-2.0
// The reference simulator: a heap of single events, and the order inside an instant written out step by step.
#include <reference/reference.h>

#include <reference/cell.h>
#include <reference/wiring.h>

#include <network/random_streams.h>
#include <network/sample.h>

#include <algorithm>
#include <memory>
#include <queue>
#include <set>
#include <tuple>

namespace volley::test {

namespace {

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
    for (std::size_t q = 0; q < x.projections.size(); ++q) projections_.push_back(make_projection(x, q));
    for (std::size_t p = 0; p < x.populations.size(); ++p)
      if (x.populations[p].stimulator) make_source(p);
    out_.states.resize(x.record.states.size());
    out_.changes.resize(x.projections.size());
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
    for (auto& changes : out_.changes)  // of one synapse and instant in the order in which they happened
      std::stable_sort(changes.begin(), changes.end(), [](const WeightChange& a, const WeightChange& b) {
        return std::tie(a.t, a.synapse) < std::tie(b.t, b.synapse);
      });
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
      const bool current =
          x_.populations[population].stimulator && x_.populations[population].source().emits == Emits::current;
      const Transmission x = p.stage ? p.stage->transmit(i - from.first, t) : Transmission{};
      for (std::size_t k = p.first[i - from.first]; k < p.first[i - from.first + 1]; ++k)
        heap_.push({t + p.synapses[k].delay, current ? Step::drive : Step::arrival, q, k,
                    current ? value : p.gain() * x.weight, x.e});
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
    take(Step::post, [&](const Event& e) { post_event(t, e.owner, e.element); });
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
    ++out_.counts.external_events;
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
        const std::vector<double> pre = s.pre.at(t, p.pre), post = p.post_traces[s.target].at(t, p.post);
        const std::vector<double> ones(post.size(), 1.0);
        const Local zero = 0;
        const float before = s.weight;
        rule->on_pre(p.rule_parameters.at(0), {&s.weight, s.state.empty() ? nullptr : s.state.data(), &zero, 1,
                                               pre.data(), post.data(), ones.data(), event.e});
        if (s.weight != before) out_.changes[event.owner].push_back({t, event.element, s.weight});
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

  void post_event(Time t, std::size_t q, std::size_t target) {
    Projection& p = projections_[q];
    const RuleModel* rule = p.spec->rule_model();
    const std::vector<double> post = p.post_traces[target].at(t, p.post);
    for (const std::size_t k : p.column[target]) {
      if (!rule->on_post) break;
      Synapse& s = p.synapses[k];
      const std::vector<double> pre = s.pre.at(t, p.pre), ones(pre.size(), 1.0);
      const std::uint32_t zero = 0;
      const float before = s.weight;
      rule->on_post(p.rule_parameters.at(0), {&s.weight, s.state.empty() ? nullptr : s.state.data(), &zero, &zero, 1,
                                              pre.data(), ones.data(), post.data()});
      if (s.weight != before) out_.changes[q].push_back({t, k, s.weight});
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
