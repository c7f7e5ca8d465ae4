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
  // What reading says, without the test's own folder.
  template <class Read>
  std::string told(Read read) const {
    try {
      read();
    } catch (const InputError& e) {
      std::string message = e.what();
      for (std::size_t at; (at = message.find(folder_.string() + "/")) != message.npos;)
        message.erase(at, folder_.string().size() + 1);
      return message;
    }
    return "accepted";
  }
  std::string refusal(const std::string& dataset, const std::string& field = "image", std::size_t size = 6) const {
    return told([&] { load(dataset, field, size); });
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

// A text, whose loss looks at labels of each tick.
class Texts : public Datasets {
 protected:
  Dataset read(const std::string& dataset, std::size_t size, const std::string& loss = "softmax_cross_entropy",
               const std::string& phase = "evaluate: {data: d.train, trial: sample, metrics: perplexity}") const {
    std::ofstream(folder_ / "e.yaml") << "volley: 1\ntick: 1 ms\ndatasets:\n  d: " << dataset
                                      << "\npopulations:\n  x: {stimulator: direct, size: " << size
                                      << ", parameters: {data: d.token}}\n"
                                      << "  out: {neuron: readout, size: 300}\nlearning:\n  l: {rule: bptt, loss: {"
                                      << loss << ": {of: out, target: d.next}}, optimiser: sgd}\nphases:\n  - " << phase
                                      << "\n";
    Registry registry(enrolled);
    return *volley::load((folder_ / "e.yaml").string(), registry, {.seed = 1})[0].experiment.datasets[0];
  }
  template <class... Arguments>
  std::string refused(const Arguments&... a) const {
    return told([&] { read(a...); });
  }
  static std::vector<std::uint32_t> inputs(const Dataset& d, std::size_t sample) {
    std::vector<std::uint32_t> out;
    const Dataset::Field& f = d.fields.at("token");
    std::vector<float> row(f.width);
    for (std::size_t k = 0; k < f.steps(sample); ++k) {
      f.copy_row(sample, k, row.data());
      EXPECT_EQ(std::count(row.begin(), row.end(), 1.0f), 1);
      out.push_back(static_cast<std::uint32_t>(std::find(row.begin(), row.end(), 1.0f) - row.begin()));
    }
    return out;
  }
  static std::vector<std::uint32_t> targets(const Dataset& d, std::size_t sample) {
    const Dataset::Field& f = d.fields.at("next");
    return {f.labels.begin() + static_cast<std::ptrdiff_t>(f.start[sample]),
            f.labels.begin() + static_cast<std::ptrdiff_t>(f.start[sample + 1])};
  }
};

TEST_F(Texts, are_pieces_that_follow_one_another) {
  write("t", "abacab\xC3\xA4x");  // 8 characters, one of two bytes
  const Dataset d = read("{text: {file: t, steps: 3}, split: {train: 2, test: 1}}", 4);
  ASSERT_EQ(d.samples, 3u);
  EXPECT_THAT(d.splits.at("train"), ElementsAre(0u, 1u));
  EXPECT_THAT(d.vocabulary, ElementsAre("<unk>", "a", "b", "c"));  // of abacab, the most frequent first
  EXPECT_THAT(inputs(d, 0), ElementsAre(1u, 2u, 1u));
  EXPECT_THAT(targets(d, 0), ElementsAre(2u, 1u, 3u));
  EXPECT_THAT(inputs(d, 1), ElementsAre(3u, 1u, 2u));
  EXPECT_THAT(targets(d, 1), ElementsAre(1u, 2u, 0u));
  EXPECT_THAT(inputs(d, 2), ElementsAre(0u));  // the last is shorter
  EXPECT_THAT(targets(d, 2), ElementsAre(0u));
  EXPECT_EQ(d.fields.at("next").classes, 4u);
}

TEST_F(Texts, of_words_have_ends_of_lines_and_the_most_frequent_words) {
  write("t", "the cat saw\nthe <unk>  dog \n the cat ran");
  write("v", "the\nbird");
  const Dataset d = read("{text: {train: t, valid: v, unit: words, steps: 20, vocabulary: 4}, split: file}", 4);
  EXPECT_THAT(d.vocabulary, ElementsAre("<unk>", "the", "<eos>", "cat"));
  EXPECT_THAT(inputs(d, 0), ElementsAre(1u, 3u, 0u, 2u, 1u, 0u, 0u, 2u, 1u, 3u));
  EXPECT_THAT(targets(d, 0), ElementsAre(3u, 0u, 2u, 1u, 0u, 0u, 2u, 1u, 3u, 0u));
  EXPECT_THAT(inputs(d, d.splits.at("valid")[0]), ElementsAre(1u, 2u));
}

TEST_F(Texts, are_split_by_shares_in_their_order) {
  write("t", std::string(101, 'a') + std::string(100, 'b'));
  const Dataset d = read("{text: {file: t, steps: 10}, split: {train: 0.7, valid: 0.15, test: 3}}", 3);
  EXPECT_EQ(d.splits.at("train").size(), 14u);
  EXPECT_THAT(d.splits.at("valid"), ElementsAre(14u, 15u, 16u));
  EXPECT_THAT(d.splits.at("test"), ElementsAre(17u, 18u, 19u));
}

TEST_F(Texts, are_refused_with_what_is_wrong) {
  const std::string ok = "{text: {file: t, steps: 3}, split: {train: 2}}";
  write("t", "ab\xC3");
  EXPECT_THAT(refused(ok, 3u), HasSubstr("t: byte 2: 0xC3 is not UTF-8"));
  write("t", "a");
  EXPECT_THAT(refused(ok, 3u), HasSubstr("t: 1 tokens; a text has 2 or more"));
  write("t", "abcabcabc");
  EXPECT_THAT(refused(ok, 3u), HasSubstr("d.token has 4 values; x has 3 units"));
  EXPECT_THAT(refused("{text: {file: t, steps: 3}, split: {test: 2}}", 3u),
              HasSubstr("the part `train`, which is missing"));
  EXPECT_THAT(refused("{text: {file: t, train: t, steps: 3}, split: {train: 2}}", 3u),
              HasSubstr("a text is one `file`"));
  EXPECT_THAT(refused("{text: {steps: 3}, split: {train: 2}}", 3u), HasSubstr("text needs a `file`"));
  EXPECT_THAT(refused("{text: {file: t, steps: 3, unit: letters}, split: {train: 2}}", 3u),
              HasSubstr("'letters' is not a unit of text"));
  EXPECT_THAT(refused("{text: {file: t, steps: 3}, split: {train: 0.1}}", 3u),
              HasSubstr("a share of 0.1 of 3 samples is none"));
  EXPECT_THAT(refused(ok, 4u, "mse_rate"), HasSubstr("d.next has a label for each tick; mse_rate takes one"));
  EXPECT_THAT(refused(ok, 4u, "softmax_cross_entropy", "evaluate: {data: d.train, trial: sample, metrics: accuracy}"),
              HasSubstr("accuracy counts the answers to whole trials"));
  EXPECT_THAT(refused(ok, 4u, "softmax_cross_entropy", "evaluate: {data: d.train, trial: 5 ticks}"),
              HasSubstr("write `trial: sample`"));
}

}  // namespace
