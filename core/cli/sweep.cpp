// SPDX-License-Identifier: Apache-2.0
// A sweep: one process and one result file a point, and a table of them.
#include <cli/destinations.h>
#include <cli/point.h>
#include <cli/sweep.h>
#include <network/error.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <thread>

namespace volley::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
// A nameless file that a point's process fills and the sweep reads when it has ended.
using Report = std::unique_ptr<std::FILE, CloseFile>;

constexpr int not_run = -1;

struct Point {
  std::string output;
  Report report;
  Json result;  // {error} or {stats, rates, warnings}
  int exit = not_run;
};

// In the child: everything but the exit code goes through the report.
[[noreturn]] void run_child(const Experiment& e, const RunOptions& o, Point& p) {
  file_open = false;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  std::signal(SIGINT, SIG_IGN);  // the sweep passes Ctrl-C on as SIGTERM
  Json result;
  int code = our_bug;
  try {
    const Outcome out = run_point(e, o, p.output, true);
    result["stats"] = stats(e, out);
    for (const RecordedRate& r : out.rates) result["rates"].push_back({r.population, r.spikes, r.rate_hz});
    result["warnings"] = out.warnings;
    code = out.complete ? done : interrupted;
  } catch (const InputError& error) {
    result["error"] = error.what();
    code = users_input;
  } catch (const std::bad_alloc&) {
    result["error"] = "not enough memory";
    code = users_input;
  } catch (const std::exception& error) {
    result["error"] = fmt::format("internal error: {}", error.what());
  }
  const std::string text = result.dump();
  std::fwrite(text.data(), 1, text.size(), p.report.get());
  std::fflush(p.report.get());
  std::_Exit(code);
}

void read_report(Point& p, int status) {
  p.exit = WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(our_bug);
  std::string text;
  std::rewind(p.report.get());
  for (int c = std::fgetc(p.report.get()); c != EOF; c = std::fgetc(p.report.get())) text += static_cast<char>(c);
  p.result = Json::parse(text, nullptr, false);
  if (p.result.is_discarded() && p.exit == interrupted)  // before its file was opened
    p.result = Json::object();
  else if (p.result.is_discarded())
    p.result = {{"error", WIFSIGNALED(status) ? fmt::format("ended by signal {}", WTERMSIG(status))
                                              : "ended without a report"}};
}

std::string label(const SweepPoint& s) {
  std::string out;
  for (const auto& [path, value] : s.values) out += fmt::format("{}{}={}", out.empty() ? "" : ", ", path, value);
  return out;
}

std::string cell(const std::string& s) {
  if (s.find_first_of(",\"\n") == std::string::npos) return s;
  std::string quoted = "\"";
  for (const char c : s) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// One row a point: the swept values, spikes and mean rate of all neurons, and the rate of each recorded population.
std::string table(const std::vector<SweepPoint>& sweep, const std::vector<Point>& points) {
  std::string header = "point,file,state";
  for (const auto& [path, value] : sweep[0].values) header += "," + cell(path);
  header += ",spikes,rate_hz";
  std::vector<std::string> populations;
  for (const SpikeRecord& r : sweep[0].experiment.record.spikes) {
    populations.push_back(sweep[0].experiment.populations[r.what.population].name);
    header += "," + cell(populations.back() + "_hz");
  }
  std::vector<std::pair<std::string, std::string>> learnt;  // phase, value
  for (const Point& p : points)
    if (learnt.empty() && p.result.contains("stats") && p.result["stats"].contains("learning"))
      for (const auto& [phase, values] : p.result["stats"]["learning"].items())
        for (const auto& [name, value] : values.items()) learnt.emplace_back(phase, name);
  for (const auto& [phase, name] : learnt) header += "," + cell(phase + " " + name);
  std::string out = header + "\n";
  for (std::size_t k = 0; k < points.size(); ++k) {
    const Point& p = points[k];
    const char* state = p.exit == done          ? "complete"
                        : p.exit == interrupted ? "interrupted"
                        : p.exit == not_run     ? "not run"
                                                : "failed";
    std::string row = fmt::format("{},{},{}", k + 1, cell(p.output), state);
    for (const auto& [path, value] : sweep[k].values) row += "," + cell(value);
    if (p.result.contains("stats")) {
      const Json& s = p.result["stats"];
      const double neuron_s = s["neurons"].get<double>() * s["sim_time_ms"].get<double>() / 1000;
      row += fmt::format(",{},{}", s["spikes"].get<std::uint64_t>(),
                         neuron_s > 0 ? fmt::format("{:.6g}", s["spikes"].get<double>() / neuron_s) : "");
      const Json rates = p.result.value("rates", Json::array());
      for (std::size_t r = 0; r < populations.size(); ++r)
        row += r < rates.size() ? fmt::format(",{:.6g}", rates[r][2].get<double>()) : ",";
    } else {
      row += "," + std::string(1 + populations.size(), ',');
    }
    const Json learning =
        p.result.contains("stats") ? p.result["stats"].value("learning", Json::object()) : Json::object();
    for (const auto& [phase, name] : learnt) {
      const Json value = learning.value(phase, Json::object()).value(name, Json());
      row += value.is_number() ? fmt::format(",{:.6g}", value.get<double>()) : ",";
    }
    out += row + "\n";
  }
  return out;
}

// The table for the eye: a CSV with its columns aligned.
std::string aligned(const std::string& csv) {
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (const char c : csv) {
    if (c == '"') quoted = !quoted;
    else if (c == ',' && !quoted) rows.back().emplace_back();
    else if (c == '\n') rows.emplace_back(1);
    else rows.back().back() += c;
  }
  rows.pop_back();
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < row.size(); ++k) {
      std::size_t width = 0;
      for (const auto& other : rows) width = std::max(width, k < other.size() ? other[k].size() : 0);
      out += fmt::format("{:<{}}{}", row[k], width, k + 1 < row.size() ? "  " : "\n");
    }
  }
  return out;
}

}  // namespace

int run_sweep(std::vector<SweepPoint>& sweep, const RunOptions& o) {
  const fs::path base = o.output.empty() ? default_output(sweep[0].experiment) : o.output;
  const fs::path csv = fs::path(base).replace_extension(".csv");
  std::vector<Point> points(sweep.size());
  for (std::size_t k = 0; k < points.size(); ++k) {
    fs::path file = base;
    file.replace_filename(fmt::format("{}-{}{}", base.stem().string(), k + 1, base.extension().string()));
    points[k].output = file.string();
    check_output(points[k].output, o);
    if (sweep[k].experiment.learns()) check_output(epoch_table_of(points[k].output), o);
  }
  check_output(csv.string(), o);
  std::vector<std::string> outputs{csv.string()};
  for (const Point& p : points) outputs.push_back(p.output);
  check_stats(o, outputs);

  const int asked = sweep[0].experiment.engine.threads;  // as of every point
  const int cores = asked > 0 ? asked : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const auto side_by_side = std::min(points.size(), static_cast<std::size_t>(cores));
  for (SweepPoint& s : sweep) s.experiment.engine.threads = std::max(1, cores / static_cast<int>(side_by_side));

  file_open = true;
  std::map<pid_t, std::size_t> running;
  std::size_t started = 0, ended = 0;
  bool told = false;
  std::fflush(nullptr);
  while (ended < started || (started < points.size() && !stop)) {
    if (started < points.size() && running.size() < side_by_side && !stop) {
      Point& p = points[started];
      p.report.reset(std::tmpfile());
      const pid_t child = p.report ? fork() : -1;
      if (child < 0) throw InputError("volley: the system does not allow another process or temporary file");
      if (child == 0) run_child(sweep[started].experiment, o, p);
      running[child] = started++;
      continue;
    }
    if (stop && !told) {
      for (const auto& [pid, k] : running) kill(pid, SIGTERM);
      told = true;
    }
    int status = 0;
    const pid_t child = waitpid(-1, &status, WNOHANG);
    if (child < 0) throw InternalError("a point of the sweep was lost");
    if (child == 0) {  // asked again rather than waited for, so that Ctrl-C is never slept through
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    const std::size_t k = running.at(child);
    running.erase(child);
    ++ended;
    Point& p = points[k];
    read_report(p, status);
    for (const Json& w : p.result.value("warnings", Json::array()))
      fmt::print(stderr, "warning: {} ({}): {}\n", p.output, label(sweep[k]), w.get<std::string>());
    if (p.result.contains("error"))
      fmt::print(stderr, "{} ({}): {}\n", p.output, label(sweep[k]), p.result["error"].get<std::string>());
    else if (!o.quiet)
      fmt::print(stderr, "{} of {}: {} ({})\n", ended, points.size(), p.output, label(sweep[k]));
  }

  const std::string text = table(sweep, points);
  if (o.output.empty()) fs::create_directories(csv.parent_path());
  std::ofstream out(csv);
  out << text;
  if (!out.flush()) throw InputError(csv.string() + ": cannot be written");
  if (!o.quiet) fmt::print(o.stats == "-" ? stderr : stdout, "{}{}\n", aligned(text), csv.string());
  if (!o.stats.empty()) {
    Json all = Json::array();
    for (const Point& p : points) all.push_back(p.result.value("stats", Json()));
    write_json(o.stats, all);
  }

  if (stop) return interrupted;
  int code = done;
  for (const Point& p : points)
    if (p.exit != done && code != our_bug) code = p.exit == users_input ? users_input : our_bug;
  return code;
}

}  // namespace volley::cli
