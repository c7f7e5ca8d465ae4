// SPDX-License-Identifier: Apache-2.0
#include <output/layout.h>
#include <output/learned.h>

namespace volley {
namespace {

using namespace hdf5;

template <class T>
void array(hid_t at, const char* name, hid_t type, const std::vector<T>& values,
           const std::vector<std::size_t>& shape) {
  dataset(at, name, type, values.data(), std::vector<hsize_t>(shape.begin(), shape.end()));
}

}  // namespace

Learned::Learned(hid_t file, const Experiment& e, Columns& columns)
    : learns_(e.learns()), phases_(e.phases), columns_(e.phases.size()) {
  if (!learns_) return;
  for (const auto& d : e.datasets) datasets_.push_back(d->name);
  const Id all = group(file, "training");
  for (std::size_t k = 0; k < e.phases.size(); ++k) {
    const TrialSpec& t = *e.phases[k].trials;
    if (!t.train) continue;
    const Id g = group(all, link_name(e.phases[k].name));
    attribute(g, "learning", t.learning);
    attribute(g, "rule", std::string(learning_of(e, e.phases[k])->rule.model->name));
    const auto add = [&](const std::string& name, const char* units) {
      columns_[k].push_back(columns.add(g, name.c_str(), {Columns::Kind::number, units}));
    };
    add("epoch", "1");
    for (const std::string& name : epoch_columns(t)) add(name, "1");
    add("gradient_norm", "1");
    add("seconds", "s");
  }
}

void Learned::epoch(std::size_t phase, const EpochResult& r, Writer& writer) {
  std::vector<double> row = epoch_values(*phases_[phase].trials, r);
  row.insert(row.begin(), static_cast<double>(r.epoch));
  row.push_back(r.gradient_norm);
  row.push_back(r.seconds);
  std::vector<Writer::Part> parts;
  for (std::size_t k = 0; k < row.size(); ++k)
    parts.push_back(Writer::part<double>(columns_[phase].at(k), {&row[k], 1}));
  writer.append(parts, 1);
}

void Learned::write(hid_t file) const {
  if (!learns_) return;
  for (const Said& s : said_) {
    const std::string name = "training/" + link_name(phases_[s.phase].name);
    const Id g(ok(H5Gopen2(file, name.c_str(), H5P_DEFAULT), "opening a group"), H5Gclose);
    attribute(g, s.key.c_str(), s.text);
  }
  const Id evaluations = group(file, "evaluation");
  for (const auto& [phase, e] : evaluations_) {
    const TrialSpec& t = *phases_[phase].trials;
    const Id g = group(evaluations, link_name(phases_[phase].name));
    attribute(g, "data", datasets_[t.dataset] + "." + t.split);
    attribute(g, "weights", std::string(t.best_weights ? "best" : "last"));
    for (std::size_t k = 0; k < t.metrics.size(); ++k)
      if (t.metrics[k] != Metric::confusion) attribute(g, name_of(t.metrics[k]).data(), e.values[k]);
    dataset(g, "sample", e.sample);
    dataset(g, "repeat", e.repeat);
    dataset(g, "loss", e.loss);
    for (const TrialSpikes& s : e.spikes) {
      const Id all = H5Lexists(g, "spikes", H5P_DEFAULT) > 0 ? Id(H5Gopen2(g, "spikes", H5P_DEFAULT), H5Gclose)
                                                             : group(g, "spikes");
      const Id layer = group(all, link_name(s.population));
      attribute(layer, "name", s.population);
      dataset(layer, "sample", s.sample);
      dataset(layer, "tick", s.tick);
      dataset(layer, "unit", s.unit);
    }
    if (e.classes == 0) continue;
    attribute(g, "ties", e.ties);
    dataset(g, "label", e.label);
    dataset(g, "answer", e.answer);
    array(g, "confusion", H5T_NATIVE_UINT64, e.confusion, {e.classes, e.classes});
  }
  const Id trained = group(file, "trained");
  for (const TrainedNumbers& n : numbers_) {
    const Id g = group(trained, link_name(n.name));
    attribute(g, "name", n.name);
    const auto write = [&](const char* name, const std::vector<double>& x) {
      if (n.precise) return array(g, name, H5T_NATIVE_DOUBLE, x, n.shape);
      array(g, name, H5T_NATIVE_FLOAT, std::vector<float>(x.begin(), x.end()), n.shape);
    };
    write("start", n.start);
    if (!n.best.empty()) write("best", n.best);
    write("last", n.last);
  }
}

}  // namespace volley
