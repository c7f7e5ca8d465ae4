// SPDX-License-Identifier: Apache-2.0
#include <network/results.h>

namespace volley {
namespace {

// f(name, value's place among those of `validate` or of the phase, whether it is of `validate`)
template <class F>
void each_number(const TrialSpec& t, F f) {
  for (std::size_t k = 0; k < t.metrics.size(); ++k)
    if (t.metrics[k] != Metric::confusion) f(name_of(t.metrics[k]), k, false);
  if (!t.validate) return;
  const std::vector<Metric>& metrics = t.validate->metrics;
  for (std::size_t k = 0; k < metrics.size(); ++k)
    if (metrics[k] != Metric::confusion) f(name_of(metrics[k]), k, true);
}

}  // namespace

std::vector<std::string> epoch_columns(const TrialSpec& t) {
  std::vector<std::string> out;
  each_number(t, [&](std::string_view name, std::size_t, bool validated) {
    out.push_back((validated ? "valid_" : "") + std::string(name));
  });
  return out;
}

std::vector<double> epoch_values(const TrialSpec& t, const EpochResult& r) {
  std::vector<double> out;
  each_number(t, [&](std::string_view, std::size_t k, bool validated) {
    out.push_back(validated ? r.validated[k] : r.trained[k]);
  });
  return out;
}

}  // namespace volley
