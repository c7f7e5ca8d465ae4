// SPDX-License-Identifier: Apache-2.0
// Readers of data sets: what they read from the smallest files, and what they say of files that are damaged.
#include <experiment/files.h>
#include <experiment/load.h>
#include <network/error.h>

#include <gmock/gmock.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

namespace {
using namespace volley;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Datasets : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  // The data set `d` of an experiment that evaluates `d.test` with an input of one field.
  Dataset load(const std::string& dataset, const std::string& field, std::size_t size) const {
    std::ofstream(folder_ / "e.yaml") << "volley: 1\ntick: 1 ms\ndatasets:\n  d: " << dataset
                                      << "\npopulations:\n  x: {stimulator: direct, size: " << size
                                      << ", parameters: {data: d." << field << "}}\n"
                                      << "  out: {neuron: readout, size: 300}\nlearning:\n  l: {rule: bptt, loss: "
                                         "{mse_rate: {of: out, target: d.label}}, optimiser: sgd}\nphases:\n"
                                         "  - evaluate: {data: d.test, trial: 5 ticks}\n";
    Registry registry(enrolled);
    return *volley::load((folder_ / "e.yaml").string(), registry, {.seed = 1})[0].experiment.datasets[0];
  }
  std::string refusal(const std::string& dataset, const std::string& field = "image", std::size_t size = 6) const {
    try {
      load(dataset, field, size);
    } catch (const InputError& e) {
      std::string message = e.what();
      for (std::size_t at; (at = message.find(folder_.string() + "/")) != message.npos;)
        message.erase(at, folder_.string().size() + 1);
      return message;
    }
    return "accepted";
  }

  fs::path folder_;
};

std::string big_endian(std::uint32_t x) {
  return {static_cast<char>(x >> 24), static_cast<char>(x >> 16), static_cast<char>(x >> 8), static_cast<char>(x)};
}
std::string idx(const std::vector<std::uint32_t>& shape, const std::string& bytes) {
  std::string out{'\0', '\0', '\b', static_cast<char>(shape.size())};
  for (const std::uint32_t n : shape) out += big_endian(n);
  return out + bytes;
}

const std::string two_images("\x00\xff\x33\x00\x00\x00\x00\x00\x00\x00\x00\xff", 12);
const std::string small = "{idx: {images: i, labels: l}, split: {test: 2, by: order}}";

TEST_F(Datasets, idx_reads_pixels_and_labels) {
  write("i", idx({2, 2, 3}, two_images));
  write("l", idx({2}, "\x07\x01"));
  const Dataset d = load(small, "image", 6);
  const Dataset::Field& image = d.fields.at("image");
  EXPECT_EQ(image.width, 6u);
  EXPECT_THAT(std::vector(image.rows(0), image.rows(1)), ElementsAre(0.0f, 1.0f, 0.2f, 0.0f, 0.0f, 0.0f));
  EXPECT_EQ(image.rows(1)[5], 1.0f);
  EXPECT_THAT(d.fields.at("label").labels, ElementsAre(7u, 1u));
  EXPECT_EQ(d.fields.at("label").classes, 8u);
}

TEST_F(Datasets, idx_takes_pairs_of_files_one_after_another_and_gzip) {
  write("i", idx({2, 2, 3}, two_images));
  write("l", idx({2}, "\x07\x01"));
  const std::string packed = idx({1, 2, 3}, std::string(6, '\x05')), path = (folder_ / "more.gz").string();
  const gzFile z = gzopen(path.c_str(), "wb");
  gzwrite(z, packed.data(), static_cast<unsigned>(packed.size()));
  gzclose(z);
  write("l2", idx({1}, "\x02"));
  const Dataset d = load("{idx: {images: [i, more.gz], labels: [l, l2], scale: 5}, split: {test: 3, by: order}}",
                         "image", 6);
  EXPECT_THAT(d.fields.at("label").labels, ElementsAre(7u, 1u, 2u));
  EXPECT_EQ(d.fields.at("image").rows(0)[1], 51.0f);
  EXPECT_EQ(d.fields.at("image").rows(2)[3], 1.0f);
}

TEST_F(Datasets, idx_names_file_and_byte_of_damage) {
  const std::string images = idx({2, 2, 3}, two_images), labels = idx({2}, "\x07\x01");
  const auto said = [&](const std::string& i, const std::string& l) {
    write("i", i);
    write("l", l);
    return refusal(small);
  };
  EXPECT_EQ(said(images, labels), "accepted");
  EXPECT_THAT(said(images.substr(0, 20), labels), HasSubstr("e.yaml:4:21: datasets.d.idx.images: i: byte 20: the file "
                                                            "ends; 2 images need 28 bytes"));
  EXPECT_THAT(said(images + "x", labels), HasSubstr("i: byte 28: 1 more bytes after the last of 2 images"));
  EXPECT_THAT(said(images.substr(0, 9), labels), HasSubstr("i: byte 9: the file ends within its head of 16 bytes"));
  EXPECT_THAT(said("", labels), HasSubstr("i: byte 0: the file ends within its head"));
  EXPECT_THAT(said(labels + images, labels), HasSubstr("i: byte 3: found 1, expected 3; an IDX file of images starts "
                                                       "with 0 0 8 3"));
  EXPECT_THAT(said(idx({2, 0, 3}, ""), labels), HasSubstr("i: byte 8: a size of 0"));
  EXPECT_THAT(said(idx({0xffffffff, 0xffffffff, 0xffffffff}, "1234"), labels),
              HasSubstr("i: byte 4: a size of 4294967295; the file has 20 bytes"));
  EXPECT_THAT(said(images, idx({1}, "\x07")), HasSubstr("l: byte 4: 1 labels for the 2 images of i"));
  EXPECT_THAT(said(images, labels.substr(0, 9)), HasSubstr("l: byte 9: the file ends; 2 labels need 10 bytes"));
}

TEST_F(Datasets, idx_names_the_byte_at_which_gzip_is_damaged) {
  std::string bytes(100'000, '\0');
  for (std::size_t k = 0; k < bytes.size(); ++k) bytes[k] = static_cast<char>(k * k / 7);
  const std::string path = (folder_ / "i").string();
  const gzFile z = gzopen(path.c_str(), "wb");
  const std::string file = idx({100, 10, 100}, bytes);
  gzwrite(z, file.data(), static_cast<unsigned>(file.size()));
  gzclose(z);
  write("l", idx({100}, std::string(100, '\1')));
  const std::string set = "{idx: {images: i, labels: l}, split: {test: 100}}";
  EXPECT_EQ(refusal(set, "image", 1000), "accepted");
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_THAT(refusal(set, "image", 1000), testing::ContainsRegex("i: cannot be read beyond byte [1-9][0-9]+ of what it "
                                                                 "unpacks to: unexpected end of file"));
}

}  // namespace
