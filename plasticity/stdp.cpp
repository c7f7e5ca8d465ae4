// SPDX-License-Identifier: Apache-2.0
// Pair-based STDP (Morrison, Diesmann & Gerstner 2008, doi:10.1007/s00422-008-0233-1).
//
//   post at t:   w += A_plus  f_plus(w)  sum over paired pre  exp(-(t - t_pre) / tau_plus)
//   pre at t:    w -= A_minus f_minus(w) sum over paired post exp(-(t - t_post) / tau_minus)
//
// pairing (its figure 7)
//   all_to_all            every pre with every post
//   nearest_symmetric     each spike with the nearest earlier one of the other side
//   nearest_restricted    as symmetric, but with no spike in two potentiations or two depressions
//   nearest_pre_centered  each pre with the nearest post before it and the nearest post after it
// dependence
//   additive        f_plus = f_minus = 1                        (Song, Miller & Abbott 2000, doi:10.1038/78829)
//   multiplicative  f_plus = (W_max - w) / (W_max - W_min),  f_minus = (w - W_min) / (W_max - W_min)
//                                                               (Rubin, Lee & Sompolinsky 2001)
//   power_law       f_plus = (w / W_max)^mu,  f_minus = w / W_max
//                                                               (Morrison, Aertsen & Diesmann 2007)
//
// A coincident pair counts as pre before post in every pairing. Weights stay within [W_min, W_max].
#include <volley/rule.h>

#include <algorithm>
#include <cmath>

namespace {
using namespace volley;

struct Stdp {
  static constexpr auto name = "stdp";
  static constexpr Fidelity fidelity{Origin::published, Origin::ours,
                                     "defaults: 1 % of W_max a pair, depression 5 % stronger"};

  enum class Pairing { all_to_all, nearest_symmetric, nearest_restricted, nearest_pre_centered };
  enum class Dependence { additive, multiplicative, power_law };

  struct Parameters {
    Pairing pairing;
    Dependence dependence;
    double mu, tau_plus, tau_minus, A_plus, A_minus, W_min, W_max;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::pairing, "pairing",
            one_of("all_to_all", "nearest_symmetric", "nearest_restricted", "nearest_pre_centered"),
            "", "which spikes form pairs"},
      Field{&Parameters::dependence, "dependence", one_of("additive", "multiplicative", "power_law"),
            "", "how a step depends on the weight"},
      Field{&Parameters::mu, "mu", 0.4, "", "exponent of potentiation", non_negative},
      Field{&Parameters::tau_plus, "tau_plus", 20.0, "ms", "potentiation window", positive},
      Field{&Parameters::tau_minus, "tau_minus", 20.0, "ms", "depression window", positive},
      Field{&Parameters::A_plus, "A_plus", 0.01, weight_unit, "potentiation step"},
      Field{&Parameters::A_minus, "A_minus", 0.0105, weight_unit, "depression step"},
      Field{&Parameters::W_min, "W_min", 0.0, weight_unit, "lower bound"},
      Field{&Parameters::W_max, "W_max", 1.0, weight_unit, "upper bound"});
  static constexpr auto only_with = std::array{OnlyWith{"mu", "dependence", "power_law"}};

  static void check(const Parameters& p) {
    if (p.W_min >= p.W_max) throw BadParameter("W_max", "W_max must be above W_min");
    if (p.dependence == Dependence::power_law && p.W_min < 0.0)
      throw BadParameter("W_min", "power_law needs W_min >= 0");
  }

  static std::array<Trace, 1> pre_traces(const Parameters& p) {
    const bool sums = p.pairing == Pairing::all_to_all || p.pairing == Pairing::nearest_pre_centered;
    return {{{p.tau_plus, sums ? Trace::Update::add : Trace::Update::set}}};
  }
  // The second one dates the last post spike in units of the pre trace's decay (nearest_pre_centered).
  static std::array<Trace, 2> post_traces(const Parameters& p) {
    const bool sums = p.pairing == Pairing::all_to_all;
    return {{{p.tau_minus, sums ? Trace::Update::add : Trace::Update::set},
             {p.tau_plus, Trace::Update::set}}};
  }

  // nearest_restricted: 1 while no pre spike has come after the last post spike, else 0.
  // nearest_pre_centered: the pre trace at the last post spike, all of it paired by then.
  struct Synapse {
    double used = 0.0;
  };
  static bool needs_synapse(const Parameters& p) {
    return p.pairing == Pairing::nearest_restricted || p.pairing == Pairing::nearest_pre_centered;
  }

  static double on_pre(double w, const Traces<1>&, const Traces<2>& y, Synapse& s, double,
                       const Parameters& p) {
    double pairs = y[0];
    if (p.pairing == Pairing::nearest_restricted) {
      pairs *= s.used;
      s.used = 0.0;
    }
    return clip(w - p.A_minus * depression(w, p) * pairs, p);
  }

  static double on_post(double w, const Traces<1>& x, const Traces<2>& y, Synapse& s,
                        const Parameters& p) {
    double pairs = x[0];
    if (p.pairing == Pairing::nearest_restricted) {
      pairs *= 1.0 - s.used;
      s.used = 1.0;
    } else if (p.pairing == Pairing::nearest_pre_centered) {
      pairs = std::max(0.0, pairs - s.used * y[1]);
      s.used = x[0];
    }
    return clip(w + p.A_plus * potentiation(w, p) * pairs, p);
  }

  static double potentiation(double w, const Parameters& p) {
    switch (p.dependence) {
      case Dependence::additive: return 1.0;
      case Dependence::multiplicative: return (p.W_max - w) / (p.W_max - p.W_min);
      case Dependence::power_law: return std::pow(w / p.W_max, p.mu);
    }
    return 1.0;
  }
  static double depression(double w, const Parameters& p) {
    switch (p.dependence) {
      case Dependence::additive: return 1.0;
      case Dependence::multiplicative: return (w - p.W_min) / (p.W_max - p.W_min);
      case Dependence::power_law: return w / p.W_max;
    }
    return 1.0;
  }
  static double clip(double w, const Parameters& p) {
    return std::min(p.W_max, std::max(p.W_min, w));
  }
};
}  // namespace
VOLLEY_RULE(Stdp)
