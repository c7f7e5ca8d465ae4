// SPDX-License-Identifier: Apache-2.0
// What is written is what is read, dataset by dataset; where a file may be made and where not.
#include "reader.h"
#include "sample.h"

#include <network/error.h>
#include <output/layout.h>

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace {

using namespace volley;
using namespace volley::test;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Sample : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(path())) write_sample(path());
  }
  static std::string path() { return scratch("sample.h5"); }
  const Reader file{path()};
};

TEST_F(Sample, SpikesAreTheIntegerTimesInMilliseconds) {
  const auto t = file.read<double>("/spikes/E/timestamps");
  const auto id = file.read<std::uint64_t>("/spikes/E/node_ids");
  ASSERT_EQ(t.size(), 90u);
  ASSERT_EQ(id.size(), 90u);
  for (std::size_t k = 0; k < 30; ++k) {
    const Time at = static_cast<Time>(k) * ps_per_ms;
    EXPECT_EQ(t[3 * k], static_cast<double>(at + 1) / 1e9);
    EXPECT_EQ(t[3 * k + 2], static_cast<double>(at + ps_per_ms / 3) / 1e9);
    EXPECT_EQ(id[3 * k + 1], 2u);
  }
}

TEST_F(Sample, SecondRecordOfAPopulationHasItsOwnGroup) {
  EXPECT_EQ(file.read<double>("/spikes/E#2/timestamps").size(), 30u);
  EXPECT_EQ(file.attribute<std::uint64_t>("/spikes/E#2", "first"), 1u);
  EXPECT_EQ(file.attribute<std::uint64_t>("/spikes/E#2", "count"), 2u);
}

TEST_F(Sample, SilentPopulationHasEmptyDatasets) {
  EXPECT_THAT(file.shape("/spikes/drive/timestamps"), ElementsAre(0));
  EXPECT_THAT(file.shape("/spikes/drive/node_ids"), ElementsAre(0));
}

TEST_F(Sample, StatesOneReportAVariable) {
  EXPECT_THAT(file.shape("/report/E/data"), ElementsAre(6, 4));
  EXPECT_EQ(file.text("/report/E", "variable"), "V");
  EXPECT_EQ(file.text("/report/E/data", "units"), "mV");
  EXPECT_EQ(file.text("/report/E.I_syn/data", "units"), "pA");
  const auto V = file.read<float>("/report/E/data"), I = file.read<float>("/report/E.I_syn/data");
  for (std::size_t k = 0; k < 6; ++k)
    for (std::size_t n = 0; n < 4; ++n) {
      EXPECT_EQ(V[4 * k + n], static_cast<float>(5 * k + n));
      EXPECT_EQ(I[4 * k + n], -V[4 * k + n]);
    }
  EXPECT_THAT(file.read<double>("/report/E/mapping/time"), ElementsAre(0.0, 30.0, 5.0));
  EXPECT_THAT(file.read<double>("/report/E/times"), ElementsAre(0, 5, 10, 15, 20, 25));
  EXPECT_THAT(file.read<std::uint64_t>("/report/E/mapping/node_ids"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(file.read<std::uint64_t>("/report/E/mapping/index_pointers"), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(Sample, SonataTimesStopWhereTheGridBreaks) {
  EXPECT_THAT(file.read<std::uint64_t>("/report/E.V/mapping/node_ids"), ElementsAre(3, 1));
  EXPECT_EQ(file.attribute<std::uint8_t>("/report/E.V/mapping/node_ids", "sorted"), 0);
  EXPECT_THAT(file.read<double>("/report/E.V/times"), ElementsAre(0, 4, 8, 10, 14, 18, 22, 26));
  EXPECT_THAT(file.read<double>("/report/E.V/mapping/time"), ElementsAre(0.0, 12.0, 4.0));
  EXPECT_THAT(file.shape("/provenance/warnings"), ElementsAre(3));
}

TEST_F(Sample, WeightsAndTheirChanges) {
  EXPECT_THAT(file.read<std::uint32_t>("/weights/drive->E/source"), ElementsAre(0, 1, 2));
  EXPECT_THAT(file.read<std::uint32_t>("/weights/drive->E/target"), ElementsAre(0, 1, 3));
  EXPECT_THAT(file.read<double>("/weights/drive->E/delay"), ElementsAre(1.0, 1.5, 0.001));
  EXPECT_THAT(file.read<float>("/weights/drive->E/initial"), ElementsAre(0.5f, 0.25f, 0.125f));
  EXPECT_THAT(file.read<double>("/weights/drive->E/times"), ElementsAre(0, 10, 20));
  EXPECT_THAT(file.shape("/weights/drive->E/values"), ElementsAre(3, 3));
  EXPECT_THAT(file.read<float>("/weights/drive->E/values"), 
              ElementsAre(0.5f, 0.25f, 0.125f, 0.75f, 0.25f, 0.25f, 1.0f, 0.25f, 0.5f));
  EXPECT_EQ(file.text("/weights/drive->E/values", "units"), "1");
  EXPECT_EQ(file.attribute<double>("/weights/drive->E", "gain"), 0.5);
  EXPECT_THAT(file.read<std::uint64_t>("/weights/drive->E/changes/synapse"), ElementsAre(0, 2, 0, 2));
  EXPECT_THAT(file.read<float>("/weights/drive->E/changes/weight"), ElementsAre(0.75f, 0.25f, 1.0f, 0.5f));
  EXPECT_THAT(file.read<double>("/weights/drive->E/changes/times"),
              ElementsAre(7e-9, 7e-9, 10.000000007, 10.000000007));
}

TEST_F(Sample, RecordWithoutSynapsesHasRowsOfNothing) {
  EXPECT_EQ(file.text("/weights/a%2Fb", "projection"), "a/b");
  EXPECT_THAT(file.shape("/weights/a%2Fb/values"), ElementsAre(1, 0));
  EXPECT_THAT(file.read<double>("/weights/a%2Fb/times"), ElementsAre(0));
}

TEST_F(Sample, RatesAndProvenance) {
  EXPECT_THAT(file.read<double>("/rates/E/rate"), ElementsAre(300, 300, 300));
  EXPECT_THAT(file.read<double>("/rates/E/times"), ElementsAre(10, 20, 30));
  EXPECT_EQ(file.attribute<std::uint8_t>("/provenance", "complete"), 1);
  EXPECT_EQ(file.text("/provenance", "reason"), "");
  EXPECT_EQ(file.attribute<std::uint64_t>("/provenance", "seed"), 18446744073709551615u);
  EXPECT_EQ(file.text("/provenance", "isa"), "avx2");
  EXPECT_THAT(file.shape("/provenance/phases"), ElementsAre(2));
}

TEST(Names, AreOneLinkOfAPath) {
  EXPECT_EQ(link_name("E->I#2"), "E->I#2");
  EXPECT_EQ(link_name("a/b%"), "a%2Fb%25");
  EXPECT_EQ(link_name(".."), "%2E.");
}

// The message of the InputError that making and opening a file throws; empty without one.
std::string refusal(const OutputOptions& o) {
  try {
    make_hdf5_results(o)->open(sample_experiment(), sample_synapses());
  } catch (const InputError& e) {
    return e.what();
  }
  return {};
}

TEST(Target, ExistingFileIsKeptUnlessOverwritten) {
  const std::string path = scratch("existing.h5");
  std::ofstream(path) << "precious";
  EXPECT_THAT(refusal({.file = path}), HasSubstr("exists already; --overwrite replaces it"));
  EXPECT_EQ(fs::file_size(path), 8u);
  EXPECT_EQ(refusal({.file = path, .overwrite = true}), "");
  EXPECT_EQ(Reader(path).attribute<std::uint32_t>("/", "magic"), 0x0A7Au);
}

TEST(Target, MissingFolderIsNotMade) {
  EXPECT_THAT(refusal({.file = scratch("missing/x.h5")}), HasSubstr("does not exist; make it first"));
  EXPECT_FALSE(fs::exists(scratch("missing")));
  EXPECT_THAT(refusal({.file = scratch("")}), HasSubstr("is a folder"));
}

TEST(Target, DefaultFolderIsMadeWhenTheFileIs) {
  const fs::path before = fs::current_path();
  fs::create_directories(scratch("run"));
  fs::current_path(scratch("run"));
  { const auto results = make_hdf5_results({.file = "results/x.h5"}); }
  EXPECT_FALSE(fs::exists("results"));
  EXPECT_EQ(refusal({.file = "results/x.h5"}), "");
  EXPECT_TRUE(fs::exists("results/x.h5"));
  fs::current_path(before);
}

TEST(Target, UnwritableFolderIsTheUsersError) {
  if (getuid() == 0) {
    EXPECT_THAT(refusal({.file = "/proc/x.h5"}), HasSubstr("/proc/x.h5: cannot be written: making the file"));
  } else {
    const std::string folder = scratch("locked");
    fs::create_directories(folder);
    chmod(folder.c_str(), 0500);
    EXPECT_THAT(refusal({.file = folder + "/x.h5"}), HasSubstr("cannot write in folder"));
    chmod(folder.c_str(), 0700);
  }
}

TEST(Target, FailedOpenLeavesNothing) {
  const std::string folder = scratch("failed");
  fs::create_directories(folder);
  const auto results = make_hdf5_results({.file = folder + "/x.h5"});
  EXPECT_THROW(results->open(sample_experiment(), {}), std::exception);  // synapses of no record
  EXPECT_THROW(results->rate(0, 0, 0.0), InternalError);
  EXPECT_TRUE(fs::is_empty(folder));
}

// The tests in Python read the sample from the file that the environment names.
TEST(ForPython, IsWrittenWhereItIsWanted) {
  const char* wanted = std::getenv("VOLLEY_SAMPLE");
  const std::string path = wanted ? wanted : scratch("wanted.h5");
  write_sample(path);
  EXPECT_EQ(Reader(path).attribute<std::uint8_t>("/provenance", "complete"), 1);
}

}  // namespace
