// SPDX-License-Identifier: Apache-2.0
#include <engine/crossing.h>
#include <engine/exponentials.h>
#include <engine/limits.h>
#include <engine/mode_kernel.h>
#include <engine/stream_jumps.h>
#include <volley/detail/agenda.h>
#include <volley/detail/marks.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace volley {

bool same_layout(const Membrane& a, const Membrane& b) {
  const auto jump = [](const Membrane::Port& p) { return p.component < 0; };
  const auto current = [](const Membrane::Component& c) { return c.kind != Membrane::Kind::threshold; };
  const bool one_gain = std::any_of(a.ports.begin(), a.ports.end(), jump) &&
                        std::any_of(a.components.begin(), a.components.end(), current);
  return same_components(a, b) && a.tau_m == b.tau_m && (a.R == b.R || !one_gain) &&
         std::equal(a.components.begin(), a.components.end(), b.components.begin(),
                    [](const auto& x, const auto& y) { return x.tau == y.tau; });
}

namespace {

class ModeKernel final : public Kernel {
  static constexpr double rounding = 1.0 - 1e-12;  // of D, in test 1

 public:
  ModeKernel(const std::vector<Membrane>& membranes, std::size_t neurons)
      : layout_(membranes.front()), neurons_(neurons), Z_(neurons * layout_.stride, 0.0), c0_(neurons),
        planned_(neurons, never), back_(neurons, never), room_(neurons + 8) {
    layout_.tabulate();
    variables_.push_back({"V", "mV"});
    for (const auto& c : layout_.membrane->components) variables_.push_back({c.name, c.unit});
    for (std::size_t i = 0; i < neurons; ++i) {
      const Membrane& m = membranes.size() == 1 ? membranes.front() : membranes[i];
      gain_.push_back(layout_.has_current ? m.R / m.tau_m : 1.0);
      R_.push_back(m.R);
      rest_.push_back(m.rest);
      threshold_.push_back(m.threshold);
      reset_.push_back(m.reset);
      refractory_.push_back(from_ms(m.refractory));
      for (const auto& c : m.components) on_spike_.push_back(c.on_spike);
      state_of(i)[0] = ((std::isnan(m.start) ? m.rest : m.start) - m.rest) / gain_[i];
    }
    margin_ = 1e-9 / *std::min_element(gain_.begin(), gain_.end());
    length_ = longest_ = std::max<Time>(1, from_ms(layout_.fastest / 2.0));
    for (std::size_t i = 0; i < neurons; ++i) set_c0(i);
    c0_.find_alike();
  }

  void start() override {
    for (std::size_t i = 0; i < neurons_; ++i) marks_.add(static_cast<Local>(i));
  }

  Time next_event() const override { return agenda_.next(); }

  Time horizon(Time from) override {
    move_to(from);
    if (arrivals_only_) return never;
    adapt();
    open(from);
    bool awake = true;
    const std::size_t count = loops::scan(Z_.data(), stride(), neurons_, c0_.own(), c0_.uniform(), bound_,
                                          at(from).v, layout_.kappa, room_.data(), awake);
    for (std::size_t k = 0; k < count; ++k) {
      const Local i = room_[k];
      if (state_of(i)[0] == deaf) continue;
      const double D = above(i, at(from));
      if (D >= 0.0) marks_.add(i);
      else plan(i, D, at(from));
    }
    return awake ? end_.t : never;
  }

  Time wake() const override { return arrivals_only_ ? never : end_.t; }

  void drive(Time t, Local i, double delta) override {
    move_to(t);
    const bool closed = arrivals_only_;
    rest_[i] += R_[i] * delta;
    if (state_of(i)[0] != deaf) state_of(i)[0] -= R_[i] * delta / gain_[i] * at(t).up[0];
    set_c0(i);
    ++changed_;
    if (closed && !arrivals_only_) open(t);
    marks_.add(i);
  }

  void begin(Time t) override {
    move_to(t);
    while (agenda_.next() <= t) {
      const Time due = agenda_.next();
      const Local i = agenda_.pop();
      if (due == back_[i]) {
        back_[i] = never;
        planned_[i] = never;
        come_back(i, t);
      } else if (due == planned_[i]) {
        planned_[i] = t;  // due now: see touched
      } else {
        continue;  // superseded by an earlier plan
      }
      marks_.add(i);
    }
  }

  void receive(Time t, int port, double factor, const Slice& s) override {
    if (room_.size() < s.count + 8) room_.resize(s.count + 8);
    const loops::Jump jump = layout_.port_jump(port, factor, gain_[0], at(t));
    // What pushes downwards brings no crossing forward: looks that are planned stay early enough.
    const bool lowers = factor >= 0.0 && (s.weight ? s.all_negative : s.constant <= 0.0f);
    const loops::Test test = lowers ? loops::Test{} : test_at(at(t));
    const std::size_t n = loops::add(Z_.data(), stride(), jump, s, test, room_.data());
    marks_.add({room_.data(), n});
  }

  Time reach(Time t) override {
    move_to(t);
    return frame_ + layout_.H;
  }

  std::size_t receive_stream(int port, double factor, const Stream& stream, std::vector<Spiked>& fired) override {
    Stream s = stream;
    auto [jump, growth] = streams_.of(layout_, port, factor, gain_[0], frame_, stream);
    loops::Test test = test_at(now_);
    if (arrivals_only_) test.scale = rounding;
    else growth = nullptr;
    std::uint8_t marks[loops::stretch];
    std::size_t done = 0;
    while (s.count > 0) {
      const loops::Marked m = loops::add_stream(Z_.data(), stride(), jump, s, test, growth, marks);
      for (std::size_t k = 0; k < m.count; ++k) {
        const Time t = s.t[marks[k]];
        const Local i = s.target[marks[k]];
        touched(i, t, [&] { fired.push_back({t, i}); });
      }
      done += m.taken;
      s.t += m.taken, s.target += m.taken, s.count -= m.taken;
      if (s.weight) s.weight += m.taken;
      for (auto& c : jump.coefficient)
        if (c) c += m.taken;
      if (growth) growth += m.taken;
      // What the marks have planned comes before the events after it.
      if (m.count == 0) continue;
      drop_stale();
      s.count = static_cast<std::size_t>(std::lower_bound(s.t, s.t + s.count, agenda_.next()) - s.t);
    }
    return done;
  }

  void settle(Time t, std::vector<Local>& fired) override {
    marks_.settle([&](Local i) { touched(i, t, [&] { fired.push_back(i); }); });
    drop_stale();
    // Few changes cost little: which neurons are alike again is asked only after many.
    if (std::exchange(changed_, 0) > neurons_ / 8) c0_.find_alike();
  }

  std::span<const Variable> variables() const override { return variables_; }

  double read(std::size_t variable, Local i, Time t) const override {
    const Instant a = layout_.at(t, frame_);
    const double* z = state_of(i);
    if (variable == 0) return z[0] == deaf ? reset_[i] : rest_[i] + gain_[i] * potential(layout_, z, a);
    const std::size_t c = layout_.element(variable - 1);
    if (layout_.is_threshold(c)) return z[c] * a.down[c] * gain_[i];
    return a.down[c] * (layout_.is_alpha(c) ? z[c] + a.s * z[c - 1] : z[c]);
  }

  // At t = 0, where the frame starts and no current has acted on V yet.
  bool initialise(std::size_t variable, Local i, double value) override {
    if (variable == 0) {
      state_of(i)[0] = (value - rest_[i]) / gain_[i];
    } else {
      const std::size_t c = layout_.element(variable - 1);
      state_of(i)[c] = layout_.is_threshold(c) ? value / gain_[i] : value;
    }
    return true;
  }

  std::vector<std::span<std::byte>> state() override {
    return {std::as_writable_bytes(std::span(Z_)), std::as_writable_bytes(std::span(planned_)),
            std::as_writable_bytes(std::span(back_)), std::as_writable_bytes(std::span(rest_))};
  }

 private:
  int stride() const { return static_cast<int>(layout_.stride); }
  double* state_of(std::size_t i) { return &Z_[i * layout_.stride]; }
  const double* state_of(std::size_t i) const { return &Z_[i * layout_.stride]; }

  const Instant& at(Time t) {
    if (now_.t != t || now_.frame != frame_) layout_.at(t, frame_, now_);
    return now_;
  }

  double above(Local i, const Instant& a) const { return distance(layout_, state_of(i), c0_[i], a); }
  // Nothing pushes upwards, now or later: D only approaches c0 <= 0.
  bool hopeless(Local i) const {
    if (c0_[i] > 0.0 || state_of(i)[0] > 0.0) return false;
    for (std::size_t c = 1; c < layout_.used; ++c)
      if (layout_.is_threshold(c) ? state_of(i)[c] < 0.0 : state_of(i)[c] > 0.0) return false;
    return true;
  }

  // With one element and c0 > 0, D(end) >= 0 means X >= -c0 / exp(-s/tau).
  loops::Test test_at(const Instant& a) const {
    if (arrivals_only_) return {1, c0_.negated(), c0_.shift(), a.up[0] * rounding, nullptr};
    if (layout_.used == 1 && driven_) return {1, c0_.negated(), c0_.shift(), (1.0 + 1e-9) / bound_.end[0], nullptr};
    return {2, c0_.limits(), c0_.shift(), 1.0, &bound_};
  }

  // After an event that changed neuron i: it fires, or its next look is planned.
  template <class Fire>
  void touched(Local i, Time t, Fire fire) {
    if (state_of(i)[0] == deaf) return;
    const double D = above(i, at(t));
    if (D >= 0.0 && pushed(layout_, state_of(i), c0_[i], at(t))) {
      fire();
      spike(i, t);
    } else if (planned_[i] == t) {
      planned_[i] = never;
      look(i, hopeless(i) ? never : first_crossing({layout_, state_of(i), c0_[i], frame_}, t, end_.t - 1, margin_));
    } else {
      plan(i, D, at(t));
    }
  }

  void set_c0(std::size_t i) {
    c0_.set(i, (rest_[i] - threshold_[i]) / gain_[i]);
    arrivals_only_ = layout_.used == 1 && c0_.above() == 0;
    driven_ = c0_.above() == neurons_;
  }

  // H by H, so that moving early or late gives the same bits; an empty state needs no moving.
  void move_to(Time t) {
    while (t - frame_ >= layout_.H) {
      const bool empty = loops::move(Z_.data(), stride(), neurons_, layout_.move);
      frame_ += layout_.H;
      if (empty) frame_ += (t - frame_) / layout_.H * layout_.H;
    }
  }

  // A short horizon costs a pass over all neurons, a long one looks at many that will not cross: as much for either.
  void adapt() {
    const double passes = 100.0 * static_cast<double>(looks_) / static_cast<double>(neurons_);
    if (passes > 1.5) length_ = std::max(length_ / 2, longest_ / 256 + 1);
    else if (passes < 0.5) length_ = std::min(length_ * 2, longest_);
    looks_ = 0;
  }

  void open(Time from) { set_horizon(from, std::max(from + 1, std::min(frame_ + layout_.H, from + length_))); }
  void set_horizon(Time from, Time end) {
    const Instant& a = at(from);
    layout_.at(end, frame_, end_);
    const double h = to_ms(end - from);
    bound_ = loops::Bound{};
    bound_.grow = loops::exp(h / layout_.tau(0));
    bound_.margin = margin_;
    for (std::size_t c = 0; c < layout_.used; ++c) {
      bound_.end[c] = end_.v[c];
      if (c == 0) continue;
      if (layout_.is_threshold(c)) {
        bound_.any_theta = true;
        bound_.theta[c] = end_.theta[c];
        bound_.theta_grow[c] = loops::exp(h / layout_.tau(c));
      } else {
        if (layout_.is_alpha(c) && !layout_.is_rise(c)) bound_.lead[c] = a.s;
        bound_.negative[c] = bound_.grow * a.down[c] * (layout_.is_rise(c) ? 0.5 * h * h : h);
      }
    }
  }

  // A look at neuron i no later than its first crossing within the horizon.
  void plan(Local i, double D, const Instant& a) {
    if (arrivals_only_) return;
    ++looks_;
    if (hopeless(i)) return;
    look(i, no_crossing_before({layout_, state_of(i), c0_[i], frame_}, D, a, end_.t, margin_));
  }
  // Looks that an earlier one has replaced: each would end a stretch of the streams.
  void drop_stale() {
    while (!agenda_.empty() && agenda_.next() != planned_[agenda_.first()] && agenda_.next() != back_[agenda_.first()])
      agenda_.pop();
  }
  void look(Local i, Time t) {
    if (t < planned_[i]) agenda_.push(planned_[i] = t, i);
  }

  void spike(Local i, Time t) {
    double* z = state_of(i);
    planned_[i] = never;
    const std::size_t components = layout_.membrane->components.size();
    for (std::size_t k = 0; k < components; ++k) {
      const double jump = on_spike_[i * components + k];
      const std::size_t c = layout_.element(k);
      if (layout_.is_threshold(c)) {
        z[c] += jump / gain_[i] * at(t).up[c];
      } else if (jump != 0.0) {
        const loops::Jump j = layout_.current_jump(c, jump, at(t));
        for (int m = 0; m < j.count; ++m) z[j.component[m]] += j.coefficient[m];
      }
    }
    if (refractory_[i] == 0) {
      come_back(i, t);
      plan(i, above(i, at(t)), at(t));
    } else {
      z[0] = deaf;
      back_[i] = t + refractory_[i];
      agenda_.push(back_[i], i);
    }
  }

  // V = V_reset, whatever the currents have become meanwhile.
  void come_back(Local i, Time t) {
    const Instant& a = at(t);
    double* z = state_of(i);
    double x = (reset_[i] - rest_[i]) / gain_[i] * a.up[0];
    for (std::size_t c = 1; c < layout_.used; ++c) x -= (layout_.is_rise(c) ? a.E2[c] : a.E[c]) * z[c];
    z[0] = x;
  }

  Layout layout_;
  std::size_t neurons_;
  std::vector<double> Z_, gain_, R_, rest_, threshold_, reset_, on_spike_;
  Limits c0_;
  std::vector<Time> refractory_, planned_, back_;
  detail::Marks marks_;
  std::vector<Local> room_;
  StreamJumps streams_;
  std::vector<Variable> variables_;
  bool arrivals_only_ = false;  // one element and no drive above threshold: only an arrival can make it fire
  bool driven_ = false;         // every neuron has a drive above threshold
  std::size_t changed_ = 0;     // steps of drive in this instant
  Time frame_ = 0;
  Time longest_ = 1, length_ = 1;  // of horizons
  std::uint64_t looks_ = 0;        // neurons planned since the last pass
  double margin_ = 0.0;
  loops::Bound bound_;
  Instant now_, end_;
  detail::Agenda agenda_;
};

}  // namespace

std::unique_ptr<Kernel> make_mode_kernel(const std::vector<Membrane>& membranes, std::size_t neurons) {
  for (const Membrane& m : membranes)
    if (!same_layout(m, membranes.front()))
      throw std::invalid_argument("membranes of different layouts in one block");
  return std::make_unique<ModeKernel>(membranes, neurons);
}

}  // namespace volley
