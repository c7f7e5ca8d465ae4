// SPDX-License-Identifier: Apache-2.0
// Files that nobody closed: killed, disk full, an exception in the engine. What was flushed can be read.
#include "reader.h"
#include "sample.h"

#include <network/error.h>

#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

namespace {

using namespace volley;
using namespace volley::test;
using namespace std::chrono_literals;

// No child may write more than this, whatever becomes of its parent: a test must not fill the disk.
void limit_file_size(rlim_t bytes) {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_FSIZE, &limit);
}

// One spike of each neuron a microsecond, weights now and then: 64 kB between two pauses, until killed or refused.
void write_until_stopped(const std::string& file, double flush_s, std::chrono::milliseconds pause) {
  const auto results = make_hdf5_results({.file = file, .flush_s = flush_s, .buffer_mb = 1});
  results->open(sample_experiment(), sample_synapses());
  results->begin_phase(0, 0);
  std::vector<Time> times(4000);
  std::vector<std::uint32_t> ids(4000);
  for (Time t = 0;; t += ps_per_ms) {
    for (std::size_t k = 0; k < times.size(); ++k) {
      times[k] = t + static_cast<Time>(k / 4) * 1'000'000;
      ids[k] = static_cast<std::uint32_t>(k % 4);
    }
    results->spikes(0, times, ids);
    results->state(0, t, std::vector<float>(8, static_cast<float>(to_ms(t))));
    results->weights(0, t, std::vector<float>(3, 1.0f));
    std::this_thread::sleep_for(pause);
  }
}

// Every part of the file agrees with the others, and nothing is missing from the middle. Returns the spikes.
std::size_t check_file(const std::string& path) {
  const Reader file(path);
  const auto t = file.read<double>("/spikes/E/timestamps");
  const auto id = file.read<std::uint64_t>("/spikes/E/node_ids");
  EXPECT_EQ(t.size(), id.size());
  for (std::size_t k = 0; k < t.size(); ++k) {
    const Time expected = static_cast<Time>(k / 4) * 1'000'000;
    if (t[k] != to_ms(expected) || id[k] != k % 4) {
      ADD_FAILURE() << "spike " << k << " is " << t[k] << " ms of " << id[k];
      break;
    }
  }
  const auto times = file.read<double>("/report/E/times");
  EXPECT_EQ(file.shape("/report/E/data"), (std::vector<hsize_t>{times.size(), 4}));
  EXPECT_EQ(file.read<double>("/report/E/mapping/time")[1] > 0.0, !times.empty());
  const auto values = file.read<float>("/report/E/data");
  for (std::size_t k = 0; k < values.size(); ++k) EXPECT_EQ(values[k], static_cast<float>(k / 4));
  EXPECT_EQ(file.shape("/weights/drive->E/values")[0], file.shape("/weights/drive->E/times")[0]);
  EXPECT_EQ(file.attribute<std::uint8_t>("/provenance", "complete"), 0);
  return t.size();
}

TEST(Crash, ReadableWhileItGrowsAndAfterSigkill) {
  for (int round = 0; round < 4; ++round) {
    const std::string path = scratch("killed" + std::to_string(round) + ".h5");
    const pid_t child = fork();
    if (child == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      limit_file_size(512 << 20);
      try {
        write_until_stopped(path, 0.2,
                            10ms);  // a reader that needs longer than from flush to flush meets one each time
      } catch (...) {
      }
      _exit(1);
    }
    ASSERT_GT(child, 0);
    std::size_t seen = 0;
    for (int k = 0; k < 600 && seen == 0; ++k) {
      std::this_thread::sleep_for(50ms);
      try {
        if (std::filesystem::exists(path)) seen = check_file(path);
      } catch (const hdf5::Error&) {
        continue;  // a reader may meet a flush; it opens the file again
      }
    }
    std::this_thread::sleep_for(round * 37ms);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_GT(seen, 0u) << "not readable while it grew";
    EXPECT_GE(check_file(path), seen);
    std::filesystem::remove(path);
  }
}

TEST(Crash, FullDiskIsTheUsersErrorAndKeepsWhatWasFlushed) {
  const std::string path = scratch("full.h5");
  const pid_t child = fork();
  if (child == 0) {  // in a process of its own: the limit is the process's
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit_file_size(24 << 20);
    try {
      write_until_stopped(path, 0.02, 1ms);
    } catch (const InputError& e) {
      const std::string what = e.what();
      _exit(what.find("full.h5: cannot be written: ") == what.npos || what.find("File too large") == what.npos);
    } catch (...) {
    }
    _exit(1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GT(check_file(path), 0u);
}

TEST(Crash, ResultsDroppedByAnExceptionAreWrittenAndMarked) {
  const std::string path = scratch("dropped.h5");
  {
    const auto results = make_hdf5_results({.file = path});
    results->open(sample_experiment(), sample_synapses());
    results->begin_phase(0, 0);
    const Time t = 5;
    const std::uint32_t id = 1;
    results->spikes(0, {&t, 1}, {&id, 1});
  }
  const Reader file(path);
  EXPECT_EQ(file.read<double>("/spikes/E/timestamps").size(), 1u);
  EXPECT_EQ(file.attribute<std::uint8_t>("/provenance", "complete"), 0);
  EXPECT_EQ(file.text("/provenance", "reason"), "stopped by an error");
}

}  // namespace
