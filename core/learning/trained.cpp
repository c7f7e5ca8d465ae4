// SPDX-License-Identifier: Apache-2.0
#include <learning/trained.h>
#include <network/error.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace volley::learning {
namespace {

std::string shape_text(const TrainedNumbers& n) { return fmt::format("{}", fmt::join(n.shape, " x ")); }

// Parts of theta that hold numbers: a pool has none.
std::vector<std::size_t> with_numbers(const std::vector<Part>& parts) {
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < parts.size(); ++k)
    if (parts[k].count > 0) out.push_back(k);
  return out;
}

}  // namespace

template <class Real>
std::vector<TrainedNumbers> trained_numbers(const Experiment& e, const Network<Real>& network, const Thetas& t) {
  std::vector<TrainedNumbers> out;
  const std::vector<Part> parts = network.parts();
  const auto part = [](const std::vector<double>& theta, const Part& b) {
    if (theta.empty()) return std::vector<double>();
    const auto first = theta.begin() + static_cast<std::ptrdiff_t>(b.first);
    return std::vector<double>(first, first + static_cast<std::ptrdiff_t>(b.count));
  };
  for (const std::size_t k : with_numbers(parts)) {
    TrainedNumbers n{.name = name_of_part(e, network, k),
                     .shape = {parts[k].count},
                     .precise = std::is_same_v<Real, double>};
    if (k < e.projections.size()) {
      const ProjectionSpec& p = e.projections[k];
      n.shape = {p.from.count, p.to.count};
      if (const auto& c = p.connect.patches)
        n.shape = {c->channels, c->from.channels, c->down.kernel, c->across.kernel};
    }
    n.start = part(*t.start, parts[k]);
    n.best = part(*t.best, parts[k]);
    n.last = part(*t.last, parts[k]);
    out.push_back(std::move(n));
  }
  return out;
}

template <class Real>
void set_numbers(const Experiment& e, const Network<Real>& network, const std::vector<TrainedNumbers>& given,
                 bool partial, std::vector<Real>& theta) {
  const std::vector<double> now(theta.begin(), theta.end());
  const std::vector<TrainedNumbers> own = trained_numbers(e, network, {&now, &now, &now});
  const std::vector<Part> parts = network.parts();
  const std::vector<std::size_t> places = with_numbers(parts);
  std::vector<std::string> missing, extra, unequal;
  std::vector<Real> next = theta;
  for (const TrainedNumbers& g : given)
    if (std::none_of(own.begin(), own.end(), [&](const auto& o) { return o.name == g.name; })) extra.push_back(g.name);
  for (std::size_t k = 0; k < own.size(); ++k) {
    const auto g = std::find_if(given.begin(), given.end(), [&](const auto& x) { return x.name == own[k].name; });
    if (g == given.end()) {
      missing.push_back(own[k].name);
    } else if (g->shape != own[k].shape) {
      unequal.push_back(fmt::format("{} is {}, the file has {}", own[k].name, shape_text(own[k]), shape_text(*g)));
    } else {
      const std::vector<double>& values = g->best.empty() ? g->last : g->best;
      for (std::size_t i = 0; i < values.size(); ++i) next[parts[places[k]].first + i] = static_cast<Real>(values[i]);
    }
  }
  std::vector<std::string> wrong;
  if (!missing.empty()) wrong.push_back(fmt::format("the file lacks {}", fmt::join(missing, ", ")));
  if (!extra.empty()) wrong.push_back(fmt::format("the experiment has no {}", fmt::join(extra, ", ")));
  if (!unequal.empty()) wrong.push_back(fmt::format("{}", fmt::join(unequal, "; ")));
  if (missing.size() + unequal.size() == own.size())
    throw InputError(fmt::format("nothing fits: {}", fmt::join(wrong, "; ")));
  if (!wrong.empty() && !partial)
    throw InputError(fmt::format("{}. --weights-partial takes what fits", fmt::join(wrong, "; ")));
  theta = std::move(next);
}

template <class Real>
std::string culprit(const Experiment& e, const Network<Real>& network, const std::vector<Part>& parts,
                    const std::vector<Real>& gradient) {
  std::size_t largest = 0;
  double size = -1.0;
  for (std::size_t k = 0; k < parts.size(); ++k)
    for (std::size_t i = parts[k].first; i < parts[k].first + parts[k].count; ++i) {
      const double x = std::abs(static_cast<double>(gradient[i]));
      if (!std::isfinite(x)) return name_of_part(e, network, k);
      if (parts[k].trains && x > size) size = x, largest = k;
    }
  return name_of_part(e, network, largest);
}

#define VOLLEY_TRAINED(Real)                                                                                     \
  template std::vector<TrainedNumbers> trained_numbers(const Experiment&, const Network<Real>&, const Thetas&);  \
  template void set_numbers(const Experiment&, const Network<Real>&, const std::vector<TrainedNumbers>&, bool,   \
                            std::vector<Real>&);                                                                 \
  template std::string culprit(const Experiment&, const Network<Real>&, const std::vector<Part>&,                \
                               const std::vector<Real>&);
VOLLEY_TRAINED(float)
VOLLEY_TRAINED(double)
#undef VOLLEY_TRAINED

}  // namespace volley::learning
