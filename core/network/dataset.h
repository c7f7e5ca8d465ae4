// SPDX-License-Identifier: Apache-2.0
// Data of trials, read and checked: samples with fields, dealt out to splits.
#pragma once

#include <network/patches.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace volley {

struct Dataset {
  struct Field {
    std::size_t width = 0;            // values in a row
    std::vector<float> values;        // [row][width]
    // Of a sparse field instead of values: row r has one more in each of columns[ends[r - 1]] .. columns[ends[r] - 1].
    std::vector<std::size_t> ends;
    std::vector<std::uint32_t> columns;
    std::vector<std::size_t> start;   // of a sequence: the first row of each sample, and the end; empty: a row a sample
    std::vector<std::uint32_t> labels;  // instead of values: of each sample, or of each row of a sequence
    std::uint32_t classes = 0;
    bool binary = false;              // all values are 0 or 1, by the format
    LayerShape shape;                 // of images

    bool sequence() const { return !start.empty(); }
    bool sparse() const { return !ends.empty(); }
    bool label() const { return classes > 0; }
    std::size_t steps(std::size_t sample) const { return sequence() ? start[sample + 1] - start[sample] : 1; }
    // A row of any field into `out`, which has room for it.
    void copy_row(std::size_t sample, std::size_t step, float* out) const {
      const std::size_t row = (sequence() ? start[sample] : sample) + step;
      if (!sparse()) {
        std::copy_n(values.data() + row * width, width, out);
        return;
      }
      std::fill_n(out, width, 0.0f);
      for (std::size_t k = row == 0 ? 0 : ends[row - 1]; k < ends[row]; ++k) out[columns[k]] += 1.0f;
    }
    // Of a field that is not sparse.
    const float* rows(std::size_t sample) const {
      return values.data() + (sequence() ? start[sample] : sample) * width;
    }
  };

  // The length of a sample's sequences; 0 without sequences.
  std::size_t steps(std::size_t sample) const {
    for (const auto& [_, field] : fields)
      if (field.sequence()) return field.steps(sample);
    return 0;
  }

  std::string name;
  std::size_t samples = 0;
  std::map<std::string, Field> fields;
  std::map<std::string, std::vector<std::uint32_t>> splits;  // samples, in order
  std::vector<std::string> vocabulary;                       // of a text: its tokens, by index
};

}  // namespace volley
