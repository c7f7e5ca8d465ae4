// SPDX-License-Identifier: Apache-2.0
#include <engine/change_log.h>

#include <algorithm>
#include <utility>

namespace volley {

ChangeLog::ChangeLog(const Rows& rows, std::size_t neurons, std::vector<std::uint32_t> watched,
                     std::vector<std::uint64_t> index)
    : rows_(rows), watched_(std::move(watched)), index_(std::move(index)), column_first_(neurons + 1, 0),
      column_(watched_.size()) {
  for (const std::uint32_t k : watched_) {
    known_.push_back(rows.weight[k]);
    ++column_first_[rows.target[k] + 1u];
  }
  for (std::size_t i = 0; i < neurons; ++i) column_first_[i + 1] += column_first_[i];
  std::vector<std::uint32_t> at(column_first_.begin(), column_first_.end() - 1);
  for (std::uint32_t k = 0; k < watched_.size(); ++k) column_[at[rows.target[watched_[k]]]++] = k;
}

void ChangeLog::look(Time t, std::size_t k) {
  const float w = rows_.weight[watched_[k]];
  if (w == known_[k]) return;
  known_[k] = w;
  changes.push_back({t, index_[k], w});
}

void ChangeLog::row(Time t, std::uint64_t begin, std::uint32_t count) {
  if (!on_) return;
  const auto first = std::lower_bound(watched_.begin(), watched_.end(), begin) - watched_.begin();
  for (auto k = static_cast<std::size_t>(first); k < watched_.size() && watched_[k] < begin + count; ++k) look(t, k);
}

void ChangeLog::column(Time t, Local neuron) {
  if (!on_) return;
  for (std::uint32_t i = column_first_[neuron]; i < column_first_[neuron + 1u]; ++i) look(t, column_[i]);
}

void ChangeLog::record(bool on, Time t) {
  if (on && !on_)
    for (std::size_t k = 0; k < watched_.size(); ++k) look(t, k);
  on_ = on;
}

}  // namespace volley
