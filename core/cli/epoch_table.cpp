// SPDX-License-Identifier: Apache-2.0
#include <cli/epoch_table.h>
#include <network/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

namespace volley::cli {
namespace {

// The phase's columns, in the order of EpochResult's values.
std::vector<std::string> columns_of(const TrialSpec& t) {
  std::vector<std::string> out;
  const auto name = [](Metric m) { return std::string(metric_names[static_cast<std::size_t>(m)]); };
  for (const Metric m : t.metrics) out.push_back(name(m));
  if (t.validate)
    for (const Metric m : t.validate->metrics) out.push_back("valid_" + name(m));
  return out;
}

}  // namespace

std::string epoch_table_of(const std::string& output) {
  return std::filesystem::path(output).replace_extension(".epochs.csv").string();
}
std::string checkpoint_of(const std::string& output) { return output + ".checkpoint"; }

EpochTable::EpochTable(const Experiment& e, const std::string& path) : experiment_(e), path_(path), file_(path) {
  for (const PhaseSpec& p : e.phases)
    if (p.trials->train)
      for (const std::string& c : columns_of(*p.trials))
        if (c != "valid_confusion" && std::find(metrics_.begin(), metrics_.end(), c) == metrics_.end())
          metrics_.push_back(c);
  file_ << "phase,epoch";
  for (const std::string& m : metrics_) file_ << ',' << m;
  file_ << ",gradient_norm,seconds\n";
  flush();
}

void EpochTable::add(std::size_t phase, const EpochResult& r) {
  const PhaseSpec& p = experiment_.phases[phase];
  std::vector<double> row = r.trained;
  row.insert(row.end(), r.validated.begin(), r.validated.end());
  const std::vector<std::string> columns = columns_of(*p.trials);
  std::map<std::string, double> values;
  for (std::size_t k = 0; k < row.size(); ++k) values[columns[k]] = row[k];
  file_ << p.name << ',' << r.epoch;
  for (const std::string& m : metrics_)
    file_ << ',' << (values.contains(m) && !std::isnan(values[m]) ? fmt::format("{}", values[m]) : "");
  file_ << fmt::format(",{},{:.4f}\n", r.gradient_norm, r.seconds);
  flush();
}

void EpochTable::flush() {
  if (!file_.flush()) throw InputError(path_ + ": cannot be written");
}

}  // namespace volley::cli
