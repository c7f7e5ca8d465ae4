// SPDX-License-Identifier: Apache-2.0
// Fatiguing STDP: learns fine spike-time correlation whatever the rates of the inputs. It goes with the synapse
// `fatigue`, whose factor e it sees; W lies in [0, 1], the projection's `gain` gives it a unit.
//
//   base: post_triggered
//     pre spike:    K += ltp_fatigue ? e : 1                    (tau_plus)
//     post spike:   W += eta (K - theta)
//   base: two_sided
//     pre spike:    W -= eta A_minus y (ltd_fatigue ? e : 1);   K as above
//     post spike:   W += eta K;   y += 1                        (tau_minus)
//
// With static synapses e is 1, and this is the plain STDP to compare with.
// In the manner of Moraitis et al. 2017 (arXiv:1706.05563, doi:10.1109/IJCNN.2017.7966072): STDP whose eligibility is
// scaled by short-term fatigue is theirs, the window and all constants are a reconstruction.
#include <volley/rule.h>

#include <algorithm>

namespace {
using namespace volley;

struct Fstdp {
  static constexpr auto name = "fstdp";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::reconstruction,
                                     "the published window and constants are not known to us"};

  enum class Base { post_triggered, two_sided };

  struct Parameters {
    Base base;
    double eta, theta, tau_plus, tau_minus, A_minus;
    bool ltp_fatigue, ltd_fatigue;
  };
  static constexpr auto parameters = fields(
      Field{&Parameters::base, "base", one_of("post_triggered", "two_sided"), "", "what depresses"},
      Field{&Parameters::eta, "eta", 0.005, "", "learning rate", non_negative},
      Field{&Parameters::theta, "theta", 0.15, "", "depression at a post spike", non_negative},
      Field{&Parameters::tau_plus, "tau_plus", 20.0, "ms", "eligibility trace K", positive},
      Field{&Parameters::tau_minus, "tau_minus", 20.0, "ms", "postsynaptic trace y", positive},
      Field{&Parameters::A_minus, "A_minus", 1.05, "", "depression relative to potentiation",
            non_negative},
      Field{&Parameters::ltp_fatigue, "ltp_fatigue", true, "", "fatigue scales eligibility"},
      Field{&Parameters::ltd_fatigue, "ltd_fatigue", false, "", "fatigue scales depression"});
  static constexpr auto only_with = std::array{
      OnlyWith{"theta", "base", "post_triggered"}, OnlyWith{"tau_minus", "base", "two_sided"},
      OnlyWith{"A_minus", "base", "two_sided"}, OnlyWith{"ltd_fatigue", "base", "two_sided"}};

  static std::array<Trace, 1> pre_traces(const Parameters& p) {
    return {{{.tau = p.tau_plus, .times_e = p.ltp_fatigue}}};
  }
  static std::array<Trace, 1> post_traces(const Parameters& p) { return {{{p.tau_minus}}}; }

  static double on_pre(double W, const Traces<1>&, const Traces<1>& y, auto&, double e,
                       const Parameters& p) {
    if (p.base == Base::post_triggered) return W;
    return clip(W - p.eta * p.A_minus * y[0] * (p.ltd_fatigue ? e : 1.0));
  }
  static double on_post(double W, const Traces<1>& K, const Traces<1>&, auto&,
                        const Parameters& p) {
    return clip(W + p.eta * (p.base == Base::post_triggered ? K[0] - p.theta : K[0]));
  }
  static double clip(double W) { return std::min(1.0, std::max(0.0, W)); }
};
}  // namespace
VOLLEY_RULE(Fstdp)
