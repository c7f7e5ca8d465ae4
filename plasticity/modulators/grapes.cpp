// SPDX-License-Identifier: Apache-2.0
// GRAPES (Dellaferrera et al. 2022, doi:10.1038/s41467-022-29491-2): a unit learns the more, the stronger its weights
// are.
//
//   i_k = sum over the layer's trained inputs j of |W_jk|,   m_k = 2 i_k / max i, at least 1 where clipped
//
// `incoming` sums the weights into a unit, `outgoing` those from it; the layer's projection to itself counts where
// `recurrent`. Propagated, m multiplies the derivative that reaches the unit from other layers, so that it accumulates
// from layer to layer; local, only the unit's own changes. A layer without weights has m = 1.
#include <volley/modulator.h>

namespace {
using namespace volley;

struct Grapes {
  static constexpr auto name = "grapes";
  static constexpr Fidelity fidelity{Origin::reconstruction, Origin::authors_code,
                                     "propagated, clipped, incoming is the authors' code for layers without memory; "
                                     "its place in spiking units and the local form are reconstructions; outgoing and "
                                     "recurrent are options of ours"};
  enum class Form : std::uint8_t { propagated, local };
  enum class Importance : std::uint8_t { incoming, outgoing };

  struct Parameters {
    Form form;
    bool clip;
    Importance importance;
    bool recurrent;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::form, "form", one_of("propagated", "local"), "", "what m multiplies"},
             Field{&Parameters::clip, "clip", true, "", "whether m is at least 1"},
             Field{&Parameters::importance, "importance", one_of("incoming", "outgoing"), "", "weights that count"},
             Field{&Parameters::recurrent, "recurrent", false, "", "whether the layer's projection to itself counts"});

  static bool local(const Parameters& p) { return p.form == Form::local; }

  template <class Real>
  static std::vector<double> modulate(const LayerWeights<Real>& layer, const Parameters& p) {
    const bool incoming = p.importance == Importance::incoming;
    std::vector<double> m(layer.size, 0.0);
    for (const WeightMatrix<Real>& w : incoming ? layer.incoming : layer.outgoing)
      if (!w.recurrent || p.recurrent)
        for (std::size_t i = 0; i < w.sources; ++i)
          for (std::size_t j = 0; j < w.targets; ++j)
            m[incoming ? j : i] += std::abs(static_cast<double>(w.at(i, j)));
    const double most = *std::max_element(m.begin(), m.end());
    for (double& x : m) x = most > 0.0 ? std::max(2.0 * x / most, p.clip ? 1.0 : 0.0) : 1.0;
    return m;
  }
};
}  // namespace
VOLLEY_MODULATOR(Grapes)
