// SPDX-License-Identifier: Apache-2.0
#include <cli/epoch_table.h>
#include <network/error.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

namespace volley::cli {
std::string epoch_table_of(const std::string& output) {
  return std::filesystem::path(output).replace_extension(".epochs.csv").string();
}
std::string checkpoint_of(const std::string& output) { return output + ".checkpoint"; }

EpochTable::EpochTable(const Experiment& e, const std::string& path) : experiment_(e), path_(path), file_(path) {
  for (const PhaseSpec& p : e.phases)
    if (p.trials->train)
      for (const std::string& c : epoch_columns(*p.trials))
        if (std::find(metrics_.begin(), metrics_.end(), c) == metrics_.end()) metrics_.push_back(c);
  file_ << "phase,epoch";
  for (const std::string& m : metrics_) file_ << ',' << m;
  file_ << ",gradient_norm,seconds\n";
  flush();
}

void EpochTable::add(std::size_t phase, const EpochResult& r) {
  const PhaseSpec& p = experiment_.phases[phase];
  const std::vector<std::string> columns = epoch_columns(*p.trials);
  const std::vector<double> row = epoch_values(*p.trials, r);
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
