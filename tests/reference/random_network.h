// SPDX-License-Identifier: Apache-2.0
// Small random networks over all event-driven neurons, synapses, rules and stimulators, the same for one seed:
// populations of mixed models near threshold, driven by mixed stimulators.
#pragma once

#include <reference/build.h>

#include <array>
#include <random>

namespace volley::test {

// What a network is made of; the generator draws everything else.
struct Ingredients {
  bool plastic = true;
  bool continuous_delays = true;
  double duration_ms = 200.0;
};

class Generator {
 public:
  Generator(std::uint64_t seed, const Ingredients& what) : b_(seed), what_(what), random_(seed) {}

  Builder make() {
    const std::size_t n = 2 + below(2);
    for (std::size_t k = 0; k < n; ++k) neurons(k);
    for (std::size_t k = 0; k < 1 + below(3); ++k) stimulator(k);
    for (std::size_t from = 0; from < b_.x.populations.size(); ++from)
      for (std::size_t to = 0; to < n; ++to) project(from, to);
    if (chance(0.3)) drive_step(n);
    return std::move(b_);
  }

 private:
  static constexpr double C_m = 250.0;
  // A population, the port of its inputs, and the weight there that moves V by about 1 mV.
  struct Target {
    bool two_ports = false, repeats = false;
    double unit = 1.0;
  };

  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  double between(double low, double high) {
    return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
  }
  bool chance(double p) { return between(0.0, 1.0) < p; }
  template <class T, std::size_t N>
  const T& any_of(const std::array<T, N>& from) { return from[below(N)]; }

  void neurons(std::size_t k) {
    static constexpr std::array models{"lif", "lif_exp", "lif_exp2", "lif_alpha", "lif_adaptive", "lif_exp",
                                       "lif_alpha", "lif_homeostatic", "parrot"};
    const std::string model = any_of(models), name = "N" + std::to_string(k);
    const auto size = static_cast<std::uint32_t>(3 + below(10));
    Target target;
    Values v;
    if (model == "lif_homeostatic") {
      v = {{"tau_m", between(5, 20)}, {"V_th", between(3, 6)}, {"V_th_min", 1.0},
           {"V_th_step", between(0.01, 0.2)}, {"f_target", between(1, 10)}};
    } else if (model != "parrot") {
      v = membrane(model, size, target);
    }
    const std::size_t p = b_.neurons(name, model, size, v);
    if (model != "parrot" && model != "lif_homeostatic") b_.init(p, "V", uniform(-70.0, -45.0));
    if (model == "parrot") target.repeats = true;
    targets_.push_back(target);
  }

  // In some populations the time constants differ from neuron to neuron.
  Values membrane(const std::string& model, std::uint32_t size, Target& target) {
    const double tau_m = between(5, 20), R = tau_m / C_m;
    const bool individual = chance(0.35);
    const std::vector<double> taus_m = individual ? around(tau_m, size) : std::vector<double>(size, tau_m);
    Values v{
        {"C_m", C_m}, {"V_reset", between(-70, -60)}, {"tau_m", individual ? Value(one_each(taus_m)) : Value(tau_m)}};
    const double drive = chance(0.3) ? between(20.5, 24.0) : between(5.0, 19.0);  // mV, above or below threshold
    if (chance(0.5)) v.emplace_back("I_e", uniform(0.9 * drive / R, 1.1 * drive / R));
    else v.emplace_back("I_e", drive / R);
    if (chance(0.2)) v.emplace_back("t_ref", 0.0);
    else if (chance(0.5)) v.emplace_back("t_ref", uniform(0.1, 3.0));
    if (chance(0.3)) v.emplace_back("V_th", uniform(-52.0, -49.0));
    if (model == "lif") return v;
    const auto maybe = [&](double tau) {
      return individual && chance(0.5) ? Value(uniform(0.7 * tau, 1.5 * tau)) : Value(tau);
    };
    const bool equal = chance(0.2), close = chance(0.2);
    const double tau_syn = equal ? tau_m : close ? tau_m * (1 + between(-1e-12, 1e-12)) : between(0.5, 8.0);
    std::vector<double> taus_syn = taus_m;  // equal and close neuron by neuron
    for (double& tau : taus_syn) tau *= equal ? 1.0 : 1.0 + between(-1e-12, 1e-12);
    const Value syn = individual && (equal || close) ? Value(one_each(taus_syn)) : maybe(tau_syn);
    target.unit = C_m / tau_syn;
    if (model == "lif_alpha") target.unit /= 2.7;
    if (model == "lif_exp2") {
      target.two_ports = true;
      v.emplace_back("tau_syn_exc", syn);
      v.emplace_back("tau_syn_inh", maybe(tau_syn * between(0.5, 3.0)));
    } else {
      v.emplace_back("tau_syn", syn);
    }
    if (model == "lif_adaptive") {
      v.emplace_back("tau_w", maybe(between(20, 200)));
      v.emplace_back("b", between(0.0, 2.0) / R);
      v.emplace_back("tau_theta", maybe(between(5, 50)));
      v.emplace_back("theta_jump", between(0.0, 3.0));
    }
    return v;
  }
  // Some of them alike, so that neurons share their constants.
  std::vector<double> around(double tau, std::uint32_t size) {
    std::vector<double> taus;
    for (std::uint32_t i = 0; i < size; ++i)
      taus.push_back(i > 0 && chance(0.3) ? taus[below(i)] : tau * between(0.7, 1.4));
    return taus;
  }

  void stimulator(std::size_t k) {
    const std::string name = "S" + std::to_string(k);
    const auto size = static_cast<std::uint32_t>(3 + below(8));
    switch (below(5)) {
      case 0: b_.stimulator(name, "poisson", size, {{"rate", between(50, 400)}}); break;
      case 1: b_.stimulator(name, "poisson", size, {{"rate", uniform(50, 400)}}); break;
      case 2: b_.stimulator(name, "regular", size, {{"period", between(2, 10)}, {"first", uniform(0, 5)}}); break;
      case 3: {
        std::vector<std::vector<double>> times(size);  // on a coarse grid: coincidences
        for (auto& t : times)
          for (std::uint64_t at = below(50); static_cast<double>(at) * 0.1 < what_.duration_ms; at += 1 + below(100))
            t.push_back(static_cast<double>(at) * 0.1);
        b_.spikes(name, times);
        break;
      }
      default:
        b_.stimulator(name, "correlated", size,
                      {{"rate", between(20, 100)}, {"c", between(0.2, 0.9)}, {"jitter", chance(0.5) ? 0.0 : 1.0}});
    }
  }

  // Steps of current into the first population that is linear.
  void drive_step(std::size_t n) {
    for (std::size_t to = 0; to < n; ++to) {
      if (b_.x.populations[to].neuron().form != NeuronForm::membrane) continue;
      const std::size_t s = b_.stimulator("step", "current_step", 2,
                                            {{"times", std::vector{10.0, 50.0, 90.0}},
                                             {"currents", std::vector{between(0, 100), between(-100, 0), 50.0}}});
      b_.connect(s, to, Connect::Rule::all_to_all, constant(between(0.5, 1.5)), constant(between(0.0, 1.0)));
      return;
    }
  }

  void project(std::size_t from, std::size_t to) {
    const bool external = b_.x.populations[from].stimulator;
    if (!external && chance(0.25)) return;
    const Target& target = targets_[to];
    if (!external && target.repeats) return;  // a loop through a parrot would never be silent again
    const bool inhibitory = !external && chance(0.35);
    const double unit = (inhibitory ? -1.0 : 1.0) * (external ? 3.0 : 1.0) * target.unit;
    ProjectionSpec& p = b_.connect(from, to, Connect::Rule::pairwise_bernoulli, constant(unit), delay(external),
                                   target.two_ports ? (inhibitory ? "inh" : "exc") : "");
    p.connect.p = between(0.2, 0.9);
    if (chance(0.3)) {
      p.connect.rule = Connect::Rule::fixed_indegree;
      p.connect.number = 1 + below(4);
    }
    if (chance(0.2)) narrow(p.from);
    if (chance(0.2)) narrow(p.to);
    stage(p);
    if (what_.plastic && chance(0.5)) {
      plasticity(p, unit);
    } else if (chance(0.6)) {
      p.weight = uniform(std::min(0.5 * unit, 1.5 * unit), std::max(0.5 * unit, 1.5 * unit));
    }
  }

  static void narrow(View& v) {  // all but the first unit
    ++v.first;
    --v.count;
  }

  Distribution delay(bool external) {
    switch (below(what_.continuous_delays ? 4 : 3)) {
      case 0: return constant(external ? between(0.0, 2.0) : between(0.3, 3.0));
      case 1: return constant(1.0);
      case 2: {
        Distribution d = uniform(0.5, 4.0);
        d.quantise = 0.1;
        return d;
      }
      default: return uniform(0.4, 4.0);
    }
  }

  void stage(ProjectionSpec& p) {
    if (chance(0.2)) {
      p.synapse = synapse("tsodyks_markram", {{"U", uniform(0.1, 0.6)}, {"tau_rec", between(50, 300)},
                                              {"tau_fac", chance(0.5) ? 0.0 : between(50, 300)}});
    } else if (chance(0.2)) {
      p.synapse =
          synapse("fatigue", {{"U", between(0.1, 0.6)}, {"tau_F", between(50, 300)}, {"transmit", chance(0.5)}});
    }
  }

  void plasticity(ProjectionSpec& p, double unit) {
    static constexpr std::array pairings{"all_to_all", "nearest_symmetric", "nearest_restricted",
                                         "nearest_pre_centered"};
    static constexpr std::array dependences{"additive", "multiplicative", "power_law"};
    p.gain = unit;
    p.weight = uniform(0.2, 0.9);
    if (chance(0.3)) p.dendritic_delay = between(0.0, 2.0);
    switch (below(5)) {
      case 0:
      case 1: {
        const std::string dependence = any_of(dependences);
        Values v{{"pairing", any_of(pairings)}, {"dependence", dependence.c_str()}, {"tau_plus", between(10, 30)},
                 {"tau_minus", between(10, 30)}, {"A_plus", between(0.01, 0.1)}, {"A_minus", between(0.01, 0.1)},
                 {"W_max", 1.0}};
        if (dependence == "power_law") v.emplace_back("mu", between(0.1, 0.9));
        p.rule = rule("stdp", v);
        break;
      }
      case 2:
        p.rule = rule("stdp_triplet", {{"A2_plus", between(0, 0.05)}, {"A2_minus", between(0, 0.05)},
                                       {"A3_plus", between(0, 0.05)}, {"A3_minus", between(0, 0.02)}});
        break;
      case 3:
        p.rule = rule("fstdp", {{"base", "post_triggered"}, {"eta", between(0.01, 0.1)}, {"theta", between(0.1, 1.0)},
                                {"tau_plus", between(10, 30)}, {"ltp_fatigue", chance(0.5)}});
        break;
      default:
        p.rule = rule("fstdp", {{"base", "two_sided"}, {"eta", between(0.01, 0.1)}, {"A_minus", between(0.5, 1.5)},
                                {"tau_plus", between(10, 30)}, {"tau_minus", between(10, 30)},
                                {"ltp_fatigue", chance(0.5)}, {"ltd_fatigue", chance(0.5)}});
    }
  }

  Builder b_;
  Ingredients what_;
  std::mt19937_64 random_;
  std::vector<Target> targets_;
};

inline Builder random_builder(std::uint64_t seed, const Ingredients& what = {}) { return Generator(seed, what).make(); }
inline Experiment random_network(std::uint64_t seed, const Ingredients& what = {}) {
  return random_builder(seed, what).done(what.duration_ms);
}

}  // namespace volley::test
