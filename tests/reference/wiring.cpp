// SPDX-License-Identifier: Apache-2.0
// Rows unrolled into single synapses; traces decayed from their last event.
#include <reference/wiring.h>

#include <network/connect.h>
#include <network/sample.h>

#include <algorithm>
#include <cmath>

namespace volley::test {

std::vector<double> Traces::at(Time t, const std::vector<Trace>& declared) const {
  std::vector<double> now = value;
  for (std::size_t k = 0; k < now.size(); ++k) now[k] *= std::exp(-to_ms(t - last) / declared[k].tau);
  return now;
}

void Traces::update(Time t, const std::vector<Trace>& declared, double e) {
  value = at(t, declared);
  last = t;
  for (std::size_t k = 0; k < value.size(); ++k) {
    const double step = declared[k].increment * (declared[k].times_e ? e : 1.0);
    value[k] = declared[k].update == Trace::Update::add ? value[k] + step : step;
  }
}

namespace {

// One block for each population.
Placement one_block_each(const Experiment& x) {
  Placement place;
  place.of_population.resize(x.populations.size());
  for (std::size_t p = 0; p < x.populations.size(); ++p) {
    if (x.populations[p].stimulator) continue;
    const Run whole{p, 0, x.populations[p].size, place.of_block.size(), 0};
    place.of_population[p] = {whole};
    place.of_block.push_back({whole});
    place.block_size.push_back(whole.count);
  }
  return place;
}

Time delay_in(const Rows& rows, std::uint32_t row, std::uint64_t k) {
  if (rows.classes.size() == 1) return rows.classes[0];
  if (rows.classes.empty()) return static_cast<Time>(rows.delay[k]) * rows.unit;
  std::uint32_t slice = rows.slice_first[row];
  while (k - rows.first[row] >= rows.slice_end[slice]) ++slice;
  return rows.classes[rows.slice_class[slice]];
}

void add_rows(Projection& p, const Rows& rows) {
  const RuleModel* rule = p.spec->rule_model();
  for (std::uint32_t row = 0; row < rows.sources; ++row)
    for (std::uint64_t k = rows.first[row]; k < rows.first[row + 1]; ++k) {
      Synapse s{row, rows.target[k], rows.weight.empty() ? rows.constant : rows.weight[k], delay_in(rows, row, k), {},
                {}};
      s.pre.value.resize(p.pre.size(), 0.0);
      if (rule && rule->synapse_size) {
        s.state.resize(rule->synapse_size);
        rule->synapse_init(s.state.data(), 1);
      }
      p.synapses.push_back(std::move(s));
    }
}

}  // namespace

Projection make_projection(const Experiment& x, std::size_t q) {
  const ProjectionSpec& s = x.projections[q];
  Projection p{};
  p.spec = &s;
  if (!s.synapse_model().transparent)
    p.stage =
        s.synapse_model().make(make_parameters(s.synapse, x.seed, s.name, 0, s.from.count, s.from.count), s.from.count);
  if (const RuleModel* rule = s.rule_model()) {
    p.rule_parameters = make_parameters(*s.rule, x.seed, s.name, 0, 1, 1);
    p.pre = rule->pre(p.rule_parameters.at(0));
    p.post = rule->post(p.rule_parameters.at(0));
  }
  p.post_traces.resize(x.populations[s.to.population].size, Traces{std::vector<double>(p.post.size(), 0.0)});
  p.column.resize(x.populations[s.to.population].size);
  for (const Rows& rows : build_rows(x, q, one_block_each(x))) add_rows(p, rows);
  p.first.resize(s.from.count + 1, 0);
  for (std::size_t k = 0; k < p.synapses.size(); ++k) {
    p.column[p.synapses[k].target].push_back(k);
    p.first[p.synapses[k].source + 1] = k + 1;
  }
  for (std::size_t i = 1; i < p.first.size(); ++i) p.first[i] = std::max(p.first[i], p.first[i - 1]);
  p.level.resize(p.synapses.size(), 0.0);
  return p;
}

}  // namespace volley::test
