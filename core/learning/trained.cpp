// SPDX-License-Identifier: Apache-2.0
#include <learning/trained.h>
#include <network/error.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace volley::learning {
namespace {

std::string shape_text(const TrainedNumbers& n) {
  return n.rows == 0 ? fmt::format("{}", n.columns) : fmt::format("{} x {}", n.rows, n.columns);
}

}  // namespace

std::vector<TrainedNumbers> trained_numbers(const Experiment& e, const Network<float>& network, const Thetas& t) {
  std::vector<TrainedNumbers> out;
  const std::vector<Part> parts = network.parts();
  const auto part = [](const std::vector<float>& theta, const Part& b) {
    if (theta.empty()) return std::vector<float>();
    const auto first = theta.begin() + static_cast<std::ptrdiff_t>(b.first);
    return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(b.count));
  };
  for (std::size_t k = 0; k < parts.size(); ++k) {
    TrainedNumbers n{.name = name_of_part(e, network, k), .columns = parts[k].count};
    if (k < e.projections.size()) {
      n.rows = e.projections[k].from.count;
      n.columns = e.projections[k].to.count;
    }
    n.start = part(*t.start, parts[k]);
    n.best = part(*t.best, parts[k]);
    n.last = part(*t.last, parts[k]);
    out.push_back(std::move(n));
  }
  return out;
}

void set_numbers(const Experiment& e, const Network<float>& network, const std::vector<TrainedNumbers>& given,
                 bool partial, std::vector<float>& theta) {
  const std::vector<TrainedNumbers> own = trained_numbers(e, network, {&theta, &theta, &theta});
  const std::vector<Part> parts = network.parts();
  std::vector<std::string> missing, extra, unequal;
  std::vector<float> next = theta;
  for (const TrainedNumbers& g : given)
    if (std::none_of(own.begin(), own.end(), [&](const auto& o) { return o.name == g.name; })) extra.push_back(g.name);
  for (std::size_t k = 0; k < own.size(); ++k) {
    const auto g = std::find_if(given.begin(), given.end(), [&](const auto& x) { return x.name == own[k].name; });
    if (g == given.end()) {
      missing.push_back(own[k].name);
    } else if (g->rows != own[k].rows || g->columns != own[k].columns) {
      unequal.push_back(fmt::format("{} is {}, the file has {}", own[k].name, shape_text(own[k]), shape_text(*g)));
    } else {
      const std::vector<float>& values = g->best.empty() ? g->last : g->best;
      std::copy(values.begin(), values.end(), next.begin() + static_cast<std::ptrdiff_t>(parts[k].first));
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

std::string culprit(const Experiment& e, const Network<float>& network, const std::vector<Part>& parts,
                    const std::vector<float>& gradient) {
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

}  // namespace volley::learning
