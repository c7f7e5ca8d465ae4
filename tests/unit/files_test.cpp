// SPDX-License-Identifier: Apache-2.0
// Data files: CSV as people write it, SONATA as its readers and writers differ about it, SHD, and their errors.
#include "stimulators.h"

#include <gmock/gmock.h>
#include <hdf5.h>
#include <zlib.h>

#include <array>
#include <cmath>
#include <cstring>

namespace volley::test {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

Table csv(const std::string& content) { return read_csv(TemporaryFile("table.csv", content).path()); }
std::string csv_error(const std::string& content) {
  std::string s = message_of([&] { csv(content); });
  return s.substr(s.find("table.csv"));
}

TEST(Csv, cells_quotes_and_places) {
  const Table t = csv("\xEF\xBB\xBF"
                      "a, b ,\"c, d\"\r\n1, 2 ,\"x\"\"y\"\r\n\"two\nlines\",,+3.5\r\n-1e-3,4,5");
  EXPECT_THAT(t.columns, ElementsAre("a", "b", "c, d"));
  EXPECT_THAT(t.rows[0], ElementsAre("1", "2", "x\"y"));
  EXPECT_THAT(t.rows[1], ElementsAre("two\nlines", "", "+3.5"));
  EXPECT_EQ(t.number(0, t.column("b")), 2.0);
  EXPECT_TRUE(std::isnan(t.number(1, 1)));
  EXPECT_EQ(t.number(1, 2), 3.5);
  EXPECT_EQ(t.number(2, 0), -1e-3);
  EXPECT_THAT(t.place(0, 2), EndsWith("table.csv:2:7"));
  EXPECT_THAT(t.place(2, 1), EndsWith("table.csv:5:7"));
  EXPECT_THAT(message_of([&] { t.number(0, 2); }), HasSubstr("table.csv:2:7: column c, d: 'x\"y' is not a number"));
  EXPECT_THAT(message_of([&] { t.column("d"); }), HasSubstr("no column 'd'; there are: a, b, c, d"));
}

TEST(Csv, delimiters_and_last_lines) {
  EXPECT_THAT(csv("a;b\n1,5;2\n").rows[0], ElementsAre("1,5", "2"));
  EXPECT_THAT(csv("a\tb\n1\t\n").rows[0], ElementsAre("1", ""));
  EXPECT_THAT(csv("a b\n1 2\n").rows[0], ElementsAre("1", "2"));
  EXPECT_EQ(csv("a,b\n1,2\n\n\r\n").rows.size(), 1u);
  EXPECT_EQ(csv("a\n1\n\"\"\n2").rows.size(), 3u);
  EXPECT_THAT(csv("a,b\n").rows, IsEmpty());
}

TEST(Csv, errors_name_file_line_and_column) {
  EXPECT_EQ(csv_error(""), "table.csv:1:1: no header; the first line names the columns");
  EXPECT_EQ(csv_error("a,b,a\n"), "table.csv:1:5: a second column 'a'");
  EXPECT_EQ(csv_error("a,b\n1,2\n1,2,3\n"), "table.csv:3:5: 3 cells; the header has 2");
  EXPECT_EQ(csv_error("a\n1\n\n2\n"), "table.csv:3:1: an empty line; a missing value is written \"\"");
  EXPECT_EQ(csv_error("a,b\n1,\"2\n3,4\n"), "table.csv:2:3: a quoted cell that never ends");
  EXPECT_EQ(csv_error("a,b\n1,\"2\"x\n"), "table.csv:2:6: 'x' after a quoted cell; a delimiter belongs there");
  EXPECT_EQ(csv_error("a,b\n1,2\"\n"), "table.csv:2:5: a quote inside the unquoted cell '2\"'");
  EXPECT_EQ(message_of([] { read_csv("/none.csv"); }), "/none.csv: cannot be read: No such file or directory");
  EXPECT_THAT(message_of([] { read_csv(testing::TempDir()); }), HasSubstr("cannot be read: Is a directory"));
}

TEST(Csv, gzip) {
  const std::string text = "unit,time\n3,1.25\n";
  std::string packed(200, '\0');
  z_stream z{};
  ASSERT_EQ(deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  packed.resize(z.total_out);
  deflateEnd(&z);

  const TemporaryFile f("table.csv.gz", packed);
  EXPECT_EQ(read_csv(f.path()).number(0, 1), 1.25);
  for (const std::size_t lost : {1u, 9u, 20u}) {
    const TemporaryFile cut("cut.csv.gz", packed.substr(0, packed.size() - lost));
    EXPECT_THAT(message_of([&] { read_csv(cut.path()); }), HasSubstr("cut.csv.gz: cannot be read")) << lost;
  }
}

// ---- HDF5 ----

class Hdf5Files : public testing::Test {
 protected:
  void SetUp() override { file_ = H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT); }
  void TearDown() override {
    finish();
    std::remove(path_.c_str());
  }
  // Writing is over: the host reads.
  const std::string& finish() {
    if (file_ >= 0) H5Fclose(file_);
    file_ = -1;
    return path_;
  }

  template <class T>
  hid_t dataset(const std::string& name, hid_t type, const std::vector<T>& values, hid_t memory) {
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    const hsize_t n = values.size();
    const hid_t space = H5Screate_simple(1, &n, nullptr);
    const hid_t d = H5Dcreate2(file_, name.c_str(), type, space, links, H5P_DEFAULT, H5P_DEFAULT);
    EXPECT_GE(H5Dwrite(d, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
    H5Sclose(space);
    H5Pclose(links);
    return d;
  }
  void reals(const std::string& name, const std::vector<double>& v, hid_t type = H5T_IEEE_F64LE) {
    H5Dclose(dataset(name, type, v, H5T_NATIVE_DOUBLE));
  }
  void integers(const std::string& name, const std::vector<std::int64_t>& v, hid_t type = H5T_STD_U64LE) {
    H5Dclose(dataset(name, type, v, H5T_NATIVE_INT64));
  }
  void text_attribute(const std::string& object, const char* name, const char* value, bool variable) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, variable ? H5T_VARIABLE : std::strlen(value));
    attribute(object, name, type, variable ? static_cast<const void*>(&value) : value);
    H5Tclose(type);
  }
  void attribute(const std::string& object, const char* name, hid_t type, const void* value) {
    const hid_t o = H5Oopen(file_, object.c_str(), H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
    const hid_t a = H5Acreate2(o, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    EXPECT_GE(H5Awrite(a, type, value), 0);
    H5Aclose(a);
    H5Sclose(space);
    H5Oclose(o);
  }
  template <class T>
  void sequences(const std::string& name, hid_t type, std::vector<std::vector<T>> v, hid_t memory) {
    std::vector<hvl_t> rows;
    for (auto& x : v) rows.push_back({x.size(), x.data()});
    const hid_t in_file = H5Tvlen_create(type), in_memory = H5Tvlen_create(memory);
    H5Dclose(dataset(name, in_file, rows, in_memory));
    H5Tclose(in_file);
    H5Tclose(in_memory);
  }
  std::string error(const std::string& population = "") {
    const std::string s = message_of([&] { files_->sonata_spikes(finish(), population); });
    return s.substr(s.find("data.h5"));
  }

  std::unique_ptr<Files> files_ = make_files();
  std::string path_ = temporary_path("data.h5");
  hid_t file_ = -1;
};

// The attribute `sorting` as an enum (the specification), a text (BMTK), absent; units as any text; ids of any width.
TEST_F(Hdf5Files, sonata_spikes_in_all_their_dialects) {
  for (const char* p : {"enum", "text", "none"}) {
    reals(std::string("/spikes/") + p + "/timestamps", {2.0, 1.0});
    integers(std::string("/spikes/") + p + "/node_ids", {7, 9}, p[0] == 'n' ? H5T_STD_U8BE : H5T_STD_U64LE);
  }
  const hid_t sorting = H5Tenum_create(H5T_STD_U8LE);
  for (std::uint8_t i = 0; i < 3; ++i) H5Tenum_insert(sorting, std::array{"none", "by_id", "by_time"}[i], &i);
  const std::uint8_t none = 0;
  attribute("/spikes/enum", "sorting", sorting, &none);
  H5Tclose(sorting);
  text_attribute("/spikes/text", "sorting", "by_time", true);
  text_attribute("/spikes/enum/timestamps", "units", "ms", true);
  text_attribute("/spikes/text/timestamps", "units", "s", false);
  finish();
  for (const char* p : {"enum", "text", "none"}) {
    const SpikeList s = files_->sonata_spikes(path_, p);
    EXPECT_THAT(s.units, ElementsAre(7, 9)) << p;
    if (p[0] == 't') EXPECT_THAT(s.times_ms, ElementsAre(2000.0, 1000.0));
    else EXPECT_THAT(s.times_ms, ElementsAre(2.0, 1.0)) << p;
  }
  EXPECT_THAT(error(), EndsWith("/spikes: `population` is needed; there are: enum, none, text"));
  EXPECT_THAT(error("E"), EndsWith("/spikes: no population 'E'; there are: enum, none, text"));
}

TEST_F(Hdf5Files, sonata_spikes_of_the_old_layout_and_of_an_empty_population) {
  reals("/spikes/timestamps", {0.5});
  integers("/spikes/gids", {3});
  EXPECT_THAT(files_->sonata_spikes(finish(), "").units, ElementsAre(3));
  SetUp();
  reals("/spikes/E/timestamps", {});
  integers("/spikes/E/node_ids", {});
  EXPECT_THAT(files_->sonata_spikes(finish(), "").units, IsEmpty());
}

TEST_F(Hdf5Files, sonata_errors) {
  reals("/spikes/E/timestamps", {0.5, 1.0});
  EXPECT_EQ(error(), "data.h5: /spikes/E/node_ids: not in the file");
  SetUp();
  reals("/spikes/E/timestamps", {0.5, 1.0});
  integers("/spikes/E/node_ids", {1});
  EXPECT_EQ(error(), "data.h5: /spikes/E/timestamps: 2 values; /spikes/E/node_ids has 1");
  SetUp();
  reals("/spikes/E/timestamps", {0.5});
  text_attribute("/spikes/E/timestamps", "units", "hours", true);
  integers("/spikes/E/node_ids", {1});
  EXPECT_EQ(error(), "data.h5: /spikes/E/timestamps: units 'hours'; accepted are ms and s");
  SetUp();
  reals("/spikes/E/timestamps", {0.5});
  integers("/spikes/E/node_ids", {-1}, H5T_STD_I32LE);
  EXPECT_EQ(error(), "data.h5: /spikes/E/node_ids: element 0 is -1; indices start at 0");
  SetUp();
  reals("/spikes/E/timestamps", {0.5});
  reals("/spikes/E/node_ids", {1});
  EXPECT_EQ(error(), "data.h5: /spikes/E/node_ids: does not hold integers");
  SetUp();
  reals("/times", {0.5});
  EXPECT_EQ(error(), "data.h5: /spikes: not in the file; a SONATA spike file has it");
  const TemporaryFile text("text.h5", "unit,time\n");
  EXPECT_THAT(message_of([&] { files_->sonata_spikes(text.path(), ""); }),
              EndsWith("text.h5: cannot be read as an HDF5 file"));
}

TEST_F(Hdf5Files, sonata_edges) {
  for (const std::string root : {"/edges/plain", "/edges/grouped"}) {
    integers(root + "/source_node_id", {0, 1, 2});
    integers(root + "/target_node_id", {5, 4, 3});
  }
  reals("/edges/plain/0/delay", {1.0, 1.5, 2.0});
  integers("/edges/grouped/edge_group_id", {1, 0, 1}, H5T_STD_U8LE);
  integers("/edges/grouped/edge_group_index", {1, 0, 0}, H5T_STD_U16LE);
  reals("/edges/grouped/0/syn_weight", {10.0}, H5T_IEEE_F32LE);
  reals("/edges/grouped/1/syn_weight", {20.0, 30.0});
  reals("/edges/grouped/1/delay", {1.0, 1.0});
  finish();
  const EdgeList e = files_->sonata_edges(path_, "plain");
  EXPECT_THAT(e.source, ElementsAre(0, 1, 2));
  EXPECT_THAT(e.target, ElementsAre(5, 4, 3));
  EXPECT_THAT(e.weight, IsEmpty());
  EXPECT_THAT(e.delay_ms, ElementsAre(1.0, 1.5, 2.0));
  EXPECT_THAT(message_of([&] { files_->sonata_edges(path_, "grouped"); }),
              EndsWith("/edges/grouped: edge 1 has no delay in group 0; either all edges have one or none"));
  file_ = H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  reals("/edges/grouped/0/delay", {3.0});
  finish();
  const EdgeList g = files_->sonata_edges(path_, "grouped");
  EXPECT_THAT(g.weight, ElementsAre(30.0, 10.0, 20.0));
  EXPECT_THAT(g.delay_ms, ElementsAre(1.0, 3.0, 1.0));
}

TEST_F(Hdf5Files, shd_samples) {
  const hid_t half = H5Tcopy(H5T_IEEE_F32LE);  // IEEE binary16, as copies of the data set use
  H5Tset_fields(half, 15, 10, 5, 0, 10);
  H5Tset_size(half, 2);
  H5Tset_ebias(half, 15);
  sequences<double>("/spikes/times", half, {{0.25}, {0.5, 0.125, 0.125}}, H5T_NATIVE_DOUBLE);
  H5Tclose(half);
  sequences<std::int64_t>("/spikes/units", H5T_STD_U16LE, {{699}, {1, 5, 2}}, H5T_NATIVE_INT64);
  finish();
  const SpikeList s = files_->shd_sample(path_, 1);
  EXPECT_THAT(s.times_ms, ElementsAre(500.0, 125.0, 125.0));
  EXPECT_THAT(s.units, ElementsAre(1, 5, 2));
  EXPECT_THAT(message_of([&] { files_->shd_sample(path_, 2); }),
              EndsWith("/spikes/times: no sample 2; there are 2 (the first is 0)"));

  Stimulation stimulus{.model = "spikes", .size = 700, .values = {{"file", path_}, {"sample", std::int64_t{1}}}};
  const auto spikes = stimulus.run(never);  // equal times: by unit
  ASSERT_EQ(spikes.size(), 3u);
  EXPECT_EQ(spikes[0].unit, 2u);
  EXPECT_EQ(spikes[1].unit, 5u);
  stimulus.size = 5;
  EXPECT_THAT(message_of([&] { stimulus.run(never); }), EndsWith("data.h5: spike 1: unit 5 is not one of 0..4"));
}

TEST_F(Hdf5Files, numbers) {
  reals("/a/b", {1.5, 2.5}, H5T_IEEE_F32BE);
  integers("/c", {-3}, H5T_STD_I8LE);
  finish();
  EXPECT_THAT(files_->hdf5_numbers(path_, "a/b"), ElementsAre(1.5, 2.5));
  EXPECT_THAT(files_->hdf5_numbers(path_, "/c"), ElementsAre(-3.0));
  EXPECT_THAT(message_of([&] { files_->hdf5_numbers(path_, "a/x/y"); }), EndsWith("data.h5: /a/x/y: not in the file"));
  EXPECT_THAT(message_of([&] { files_->hdf5_numbers(path_, "a"); }), EndsWith("data.h5: /a: not a dataset"));
}

}  // namespace
}  // namespace volley::test
