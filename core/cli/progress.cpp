// SPDX-License-Identifier: Apache-2.0
// The progress bar.
#include <cli/progress.h>

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace volley::cli {
namespace {

std::string seconds(double s) {
  if (s < 60) return fmt::format("{:.0f} s", s);
  if (s < 3600) return fmt::format("{:.0f} min", s / 60);
  return fmt::format("{:.1f} h", s / 3600);
}

}  // namespace

ProgressLine::ProgressLine(const Experiment& e, bool quiet)
    : experiment_(e), quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1), phase_start_(Clock::now()),
      last_(phase_start_) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::clear() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

void ProgressLine::show(const Progress& p) {
  if (quiet_) return;
  const Clock::time_point now = Clock::now();
  if (p.phase != phase_) {
    phase_ = p.phase;
    phase_start_ = now;
  }
  const std::chrono::duration<double> since = now - last_;
  if (since.count() < (terminal_ ? 0.1 : 10.0)) return;
  last_ = now;
  const std::chrono::duration<double> elapsed = now - phase_start_;
  const std::string left = p.done > 0 ? ", " + seconds(elapsed.count() * (1 - p.done) / p.done) + " left" : "";
  const std::string text = fmt::format("{} {:3.0f} %, {:.0f} spikes/s{}", experiment_.phases[p.phase].name,
                                       100 * p.done, p.spikes_per_s, left);
  if (terminal_) {
    constexpr int width = 30;
    const int full = static_cast<int>(p.done * width);
    fmt::print(stderr, "\r\033[K[{:=<{}}{: <{}}] {}", "", full, "", width - full, text);
    std::fflush(stderr);
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

std::string metric_text(std::string_view metric, double value) {
  return metric.ends_with("accuracy") ? fmt::format("{:.2f} %", 100 * value) : fmt::format("{:.5g}", value);
}

void EpochLines::show(const TrainingProgress& p) const {
  if (quiet_ || !p.ended) return;
  const PhaseSpec& phase = experiment_.phases[p.phase];
  const TrialSpec& t = *phase.trials;
  std::string text = fmt::format("{} epoch {}/{}", phase.name, p.epoch, t.epochs);
  const auto add = [&](std::string_view before, const std::vector<Metric>& metrics, const std::vector<double>& values) {
    for (std::size_t k = 0; k < metrics.size(); ++k) {
      const std::string_view name = name_of(metrics[k]);
      if (metrics[k] != Metric::confusion && !std::isnan(values[k]))
        text += fmt::format(", {}{} {}", before, name, metric_text(name, values[k]));
    }
  };
  add("", t.metrics, p.ended->trained);
  if (t.validate) add("validation ", t.validate->metrics, p.ended->validated);
  fmt::print(stderr, "{}{}; {:.0f} samples/s, {} left\n", text, p.best ? " (best)" : "", p.samples_per_s,
             seconds(p.ended->seconds * static_cast<double>(t.epochs - p.epoch)));
}

}  // namespace volley::cli
