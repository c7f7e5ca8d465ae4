// SPDX-License-Identifier: Apache-2.0
#include <engine/individual_kernel.h>

#include <engine/crossing.h>
#include <engine/propagators.h>
#include <volley/detail/agenda.h>
#include <volley/detail/marks.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace volley {
namespace {

constexpr std::size_t most = 256;                                  // arrivals at a time

// What an arrival reads of a neuron besides its state and its propagator: one cache line.
struct alignas(64) Neuron {
  Time t0 = 0;           // of its frame: its last event, then H by H
  Time planned = never;  // the next look at it
  Time H = 1;
  Time reach = 1;  // a tenth of its fastest time constant: until then every response to a current still rises
  double c0 = 0.0, margin = 0.0, gain = 1.0;
  const Layout* layout = nullptr;
};

// The rest.
struct Cell {
  double rest = 0.0, threshold = 0.0, reset = 0.0, R = 0.0;
  Time refractory = 0, back = never;
  Time looked = never;  // when its last planned look was due
};

// Neurons of the same time constants have one layout.
std::vector<std::unique_ptr<const Layout>> make_layouts(const std::vector<Membrane>& membranes,
                                                        std::vector<Neuron>& neurons) {
  std::map<std::vector<double>, std::unique_ptr<const Layout>> distinct;
  for (std::size_t i = 0; i < membranes.size(); ++i) {
    const Membrane& m = membranes[i];
    if (!same_components(m, membranes.front()))
      throw std::invalid_argument("membranes of different components in one block");
    std::vector<double> taus{m.tau_m};
    for (const auto& c : m.components) taus.push_back(c.tau);
    auto& layout = distinct[std::move(taus)];
    if (!layout) layout = i == 0 ? std::make_unique<Layout>(m) : std::make_unique<Layout>(*neurons.front().layout, m);
    neurons[i].layout = layout.get();
  }
  std::vector<std::unique_ptr<const Layout>> all;
  for (auto& [taus, layout] : distinct) all.push_back(std::move(layout));
  return all;
}

class IndividualKernel final : public Kernel {
 public:
  explicit IndividualKernel(const std::vector<Membrane>& membranes)
      : neurons_(membranes.size()), cells_(membranes.size()), layouts_(make_layouts(membranes, neurons_)),
        first_(*neurons_.front().layout), propagators_(first_), origin_(first_.at(0, 0)),
        Z_(neurons_.size() * first_.stride, 0.0), sure_until_(neurons_.size(), 0) {
    variables_.push_back({"V", "mV"});
    for (const auto& c : first_.membrane->components) variables_.push_back({c.name, c.unit});
    for (std::size_t i = 0; i < neurons_.size(); ++i) {
      const Membrane& m = membranes[i];
      Neuron& n = neurons_[i];
      n.H = n.layout->H;
      n.reach = std::max<Time>(1, from_ms(n.layout->fastest / 10.0));
      n.gain = first_.has_current ? m.R / m.tau_m : 1.0;
      n.margin = 1e-9 / n.gain;
      n.c0 = (m.rest - m.threshold) / n.gain;
      cells_[i] = {m.rest, m.threshold, m.reset, m.R, from_ms(m.refractory)};
      for (const auto& c : m.components) on_spike_.push_back(c.on_spike);
      state_of(i)[0] = ((std::isnan(m.start) ? m.rest : m.start) - m.rest) / n.gain;
      propagators_.add(*n.layout, n.reach);
      rhythm_ = std::min(rhythm_, n.reach);
    }
  }

  void start() override { awake_ = true; }  // the pass at 0 looks at every neuron

  Time next_event() const override { return agenda_.next(); }

  // Looks again at the neurons whose D is not known to stay below 0 until the next pass. What events in between make
  // known reaches further than that.
  Time horizon(Time from) override {
    pass_due_ = from + rhythm_;
    if (!awake_) return never;
    room_.clear();
    for (std::size_t i = 0; i < neurons_.size(); ++i)
      if (sure_until_[i] < pass_due_) room_.push_back(static_cast<Local>(i));
    start(room_.size());
    for (std::size_t k = 0; k < room_.size(); ++k) ask(k, room_[k], from);
    propagators_.take(moves_);
    for (std::size_t k = 0; k < room_.size(); ++k) {
      const Local i = room_[k];
      double z[loops::max_components];
      std::copy_n(state_of(i), first_.stride, z);
      apply(k, i, z);
      if (stays_below(i, from, z)) continue;
      if (distance(first_, z, neurons_[i].c0, origin_) >= 0.0) marks_.add(i);
      else look_ahead(i, from, z);
    }
    awake_ = *std::min_element(sure_until_.begin(), sure_until_.end()) != never;
    return awake_ ? pass_due_ : never;
  }

  Time wake() const override { return pass_due_; }

  void drive(Time t, Local i, double delta) override {
    Neuron& n = neurons_[i];
    Cell& cell = cells_[i];
    bring(i, t);
    cell.rest += cell.R * delta;
    n.c0 = (cell.rest - cell.threshold) / n.gain;
    state_of(i)[0] -= cell.R * delta / n.gain;
    marks_.add(i);
  }

  void begin(Time t) override {
    while (agenda_.next() <= t) {
      const Time due = agenda_.next();
      const Local i = agenda_.pop();
      if (due == cells_[i].back) {
        cells_[i].back = never;
        come_back(i, t);
      } else if (due == neurons_[i].planned) {
        cells_[i].looked = t;
      } else {
        continue;  // superseded
      }
      neurons_[i].planned = never;
      marks_.add(i);
    }
  }

  void receive(Time t, int port, double factor, const Slice& s) override {
    const Port p = port_of(port);
    for (std::size_t done = 0; done < s.count; done += most) {
      const std::size_t count = std::min(s.count - done, most);
      const Local* target = s.target + done;
      const float* weight = s.weight ? s.weight + done : nullptr;
      start(count);
      for (std::size_t k = 0; k < count; ++k) {
        if (k + 8 < count) prefetch(target[k + 8]);
        ask(k, target[k], t);
        neurons_[target[k]].t0 = t;  // a second synapse onto the same neuron finds nothing left to move
      }
      propagators_.take(moves_);
      for (std::size_t k = 0; k < count; ++k) {
        const Local i = target[k];
        apply(k, i, state_of(i));
        add(i, p, static_cast<double>(weight ? weight[k] : s.constant), factor);
        if (!stays_below(i, t, state_of(i))) marks_.add(i);
      }
    }
  }

  // All moves are asked for at once, as if nothing came between the arrivals: a neuron's frame stands at its last one
  // meanwhile. What a spike or a look has planned ends the stretch, and the frames of later arrivals go back.
  std::size_t receive_stream(int port, double factor, const Stream& s, std::vector<Spiked>& fired) override {
    const Port p = port_of(port);
    const std::size_t count = std::min(s.count, most);
    Time before[most], planned = never;
    start(count);
    for (std::size_t k = 0; k < count; ++k) {
      if (k + 8 < count) prefetch(s.target[k + 8]);
      ask(k, s.target[k], s.t[k]);
      before[k] = std::exchange(neurons_[s.target[k]].t0, s.t[k]);
    }
    propagators_.take(moves_);
    std::size_t taken = 0;
    for (; taken < count && s.t[taken] < planned; ++taken) {
      const Local i = s.target[taken];
      const Time t = s.t[taken];
      apply(taken, i, state_of(i));
      add(i, p, static_cast<double>(s.weight ? s.weight[taken] : s.constant), factor);
      if (stays_below(i, t, state_of(i))) continue;
      const Time last = std::exchange(neurons_[i].t0, t);
      touched(i, t, [&] { fired.push_back({t, i}); });
      neurons_[i].t0 = last;
      planned = agenda_.next();
    }
    for (std::size_t k = count; k-- > taken;) neurons_[s.target[k]].t0 = before[k];
    return taken;
  }

  void settle(Time t, std::vector<Local>& fired) override {
    marks_.settle([&](Local i) { touched(i, t, [&] { fired.push_back(i); }); });
  }

  std::span<const Variable> variables() const override { return variables_; }

  double read(std::size_t variable, Local i, Time t) const override {
    const Neuron& n = neurons_[i];
    double z[loops::max_components];
    std::copy_n(state_of(i), first_.stride, z);
    const Instant a = n.layout->at(t, move_whole(*n.layout, z, n.t0, t));
    if (variable == 0) return z[0] == deaf ? cells_[i].reset : cells_[i].rest + n.gain * potential(*n.layout, z, a);
    const std::size_t c = first_.element(variable - 1);
    if (first_.is_threshold(c)) return z[c] * a.down[c] * n.gain;
    return a.down[c] * (first_.is_alpha(c) ? z[c] + a.s * z[c - 1] : z[c]);
  }

  // At t = 0, where every frame starts.
  bool initialise(std::size_t variable, Local i, double value) override {
    if (variable == 0) {
      state_of(i)[0] = (value - cells_[i].rest) / neurons_[i].gain;
    } else {
      const std::size_t c = first_.element(variable - 1);
      state_of(i)[c] = first_.is_threshold(c) ? value / neurons_[i].gain : value;
    }
    return true;
  }

  std::vector<std::span<std::byte>> state() override {
    return {std::as_writable_bytes(std::span(Z_)), std::as_writable_bytes(std::span(neurons_)),
            std::as_writable_bytes(std::span(cells_)), std::as_writable_bytes(std::span(sure_until_))};
  }

 private:
  double* state_of(std::size_t i) { return &Z_[i * first_.stride]; }
  const double* state_of(std::size_t i) const { return &Z_[i * first_.stride]; }

  // Many moves: whole steps of H, then the rest.
  void start(std::size_t count) {
    if (whole_.size() < count) whole_.resize(count);
    propagators_.start(moves_, count);
  }
  void ask(std::size_t k, Local i, Time t) {
    const Neuron& n = neurons_[i];
    const Time by = t - n.t0, rest = by < n.H ? by : by % n.H;
    whole_[k] = by - rest;
    propagators_.ask(moves_, k, i, rest);
  }
  void apply(std::size_t k, Local i, double* z) const {
    if (whole_[k] > 0) move_whole(*neurons_[i].layout, z, 0, whole_[k]);
    propagators_.apply(moves_, k, i, z);
  }
  void prefetch(Local i) const {
    __builtin_prefetch(&neurons_[i], 1);
    __builtin_prefetch(state_of(i), 1);
    propagators_.prefetch(i);
  }

  // The state of neuron i at t.
  void state_at(Local i, Time t, double* z) {
    const Neuron& n = neurons_[i];
    std::copy_n(state_of(i), first_.stride, z);
    const Time frame = move_whole(*n.layout, z, n.t0, t);
    if (frame == t) return;
    propagators_.start(one_, 1);
    propagators_.ask(one_, 0, i, t - frame);
    propagators_.take(one_);
    propagators_.apply(one_, 0, i, z);
  }
  // An event of neuron i: its frame starts anew.
  void bring(Local i, Time t) {
    if (neurons_[i].t0 == t) return;
    double z[loops::max_components];
    state_at(i, t, z);
    std::copy_n(z, first_.stride, state_of(i));
    neurons_[i].t0 = t;
  }

  // What an arrival at the start of a frame adds to.
  struct Port {
    std::size_t element;
    bool jump, alpha;
  };
  Port port_of(int port) const {
    const int component = first_.membrane->ports[static_cast<std::size_t>(port)].component;
    if (component < 0) return {0, true, false};
    const std::size_t c = first_.element(static_cast<std::size_t>(component));
    return {first_.is_alpha(c) ? c - 1 : c, false, first_.is_alpha(c)};
  }
  void add(Local i, const Port& p, double w, double factor) {
    const Neuron& n = neurons_[i];
    const double coefficient =
        p.jump ? factor / n.gain : p.alpha ? factor * (std::numbers::e / n.layout->tau(p.element)) : factor;
    state_of(i)[p.element] += w * coefficient;
  }

  const Instant& start_at(Time t) {
    origin_.t = origin_.frame = t;
    return origin_;
  }

  // z is the state at t. When a bound of D is below 0 from t on, within its reach or for ever, notes until when and
  // returns true.
  bool stays_below(Local i, Time t, const double* z) {
    const Neuron& n = neurons_[i];
    if (z[0] == deaf) return known(i, never);
    const auto [soon, ever] = propagators_.rise(i, z);
    // Without a push upwards D only approaches c0.
    if (n.c0 + ever < -n.margin || (n.c0 <= 0.0 && ever <= 0.0)) return known(i, never);
    if (n.c0 + soon < -n.margin) return known(i, t + n.reach);
    return false;
  }
  // D stays below 0 up to and including `until`, unless something happens. Nothing is planned for neuron i.
  bool known(Local i, Time until) {
    neurons_[i].planned = never;
    sure_until_[i] = until;
    awake_ |= until != never;
    return true;
  }

  // After an event that may have brought neuron i to its threshold: it fires, or what is known of it is noted.
  template <class Fire>
  void touched(Local i, Time t, Fire fire) {
    Neuron& n = neurons_[i];
    double* z = state_of(i);
    if (z[0] == deaf) return;
    n.t0 = move_whole(*n.layout, z, n.t0, t);
    if (n.t0 != t) n.layout->at(t, n.t0, now_);
    const Instant& a = n.t0 == t ? start_at(t) : now_;
    if (distance(*n.layout, z, n.c0, a) >= 0.0 && pushed(*n.layout, z, n.c0, a)) {
      fire();
      spike(i, t);
    } else {
      note(i, t);
    }
  }
  void note(Local i, Time t) {
    double z[loops::max_components];
    state_at(i, t, z);
    if (stays_below(i, t, z)) return;
    if (cells_[i].looked == t) search(i, t);
    else look_ahead(i, t, z);
  }

  // z is the state at t, D below 0: within its reach, or until a look at it some time before.
  void look_ahead(Local i, Time t, const double* z) {
    Neuron& n = neurons_[i];
    const Time end = t + n.reach;
    const double D = distance(first_, z, n.c0, start_at(t));
    const Time look = no_crossing_before({*n.layout, z, n.c0, t}, D, origin_, end, n.margin);
    if (look == never) {
      known(i, end);
      return;
    }
    sure_until_[i] = never;
    if (look < n.planned) agenda_.push(n.planned = look, i);
  }
  // The next look is at the crossing itself.
  void search(Local i, Time t) {
    const Time end = t + neurons_[i].reach, due = crossing(i, t, end);
    known(i, due == never ? end : never);
    if (due != never) agenda_.push(neurons_[i].planned = due, i);
  }
  // First picosecond in (a, b] with D >= 0, frame by frame.
  Time crossing(Local i, Time a, Time b) const {
    const Neuron& n = neurons_[i];
    double z[loops::max_components];
    std::copy_n(state_of(i), first_.stride, z);
    for (Time frame = n.t0;;) {
      const Time next = frame + n.H;
      const Time t = first_crossing({*n.layout, z, n.c0, frame}, a, std::min(b, next - 1), n.margin);
      if (t != never || b < next) return t;
      a = frame = move_whole(*n.layout, z, frame, next);
      if (distance(first_, z, n.c0, origin_) >= 0.0) return a;
    }
  }

  void spike(Local i, Time t) {
    bring(i, t);
    double* z = state_of(i);
    const std::size_t components = first_.membrane->components.size();
    for (std::size_t k = 0; k < components; ++k) {
      const double jump = on_spike_[i * components + k];
      const std::size_t c = first_.element(k);
      if (first_.is_threshold(c)) z[c] += jump / neurons_[i].gain;
      else if (first_.is_alpha(c)) z[c - 1] += jump * (std::numbers::e / neurons_[i].layout->tau(c));
      else z[c] += jump;
    }
    known(i, never);
    if (cells_[i].refractory == 0) {
      come_back(i, t);
      note(i, t);
    } else {
      z[0] = deaf;
      agenda_.push(cells_[i].back = t + cells_[i].refractory, i);
    }
  }
  void come_back(Local i, Time t) {
    bring(i, t);
    state_of(i)[0] = (cells_[i].reset - cells_[i].rest) / neurons_[i].gain;
  }

  std::vector<Neuron> neurons_;
  std::vector<Cell> cells_;
  std::vector<std::unique_ptr<const Layout>> layouts_;
  const Layout& first_;  // what all have in common: components and ports
  Propagators propagators_;
  Instant origin_, now_;  // origin_: the start of a frame, where nothing has decayed or responded yet
  std::vector<double> Z_, on_spike_;
  std::vector<Time> sure_until_;  // D stays below 0 up to and including it; never: unless a look or an event comes
  Time rhythm_ = never;           // of passes: the shortest reach
  Time pass_due_ = 0;
  bool awake_ = false;  // D of some neuron is known for a time only
  detail::Marks marks_;
  std::vector<Local> room_;
  std::vector<Variable> variables_;
  Propagators::Moves moves_, one_;
  std::vector<Time> whole_;
  detail::Agenda agenda_;
};

}  // namespace

std::unique_ptr<Kernel> make_individual_kernel(const std::vector<Membrane>& membranes) {
  return std::make_unique<IndividualKernel>(membranes);
}

}  // namespace volley
