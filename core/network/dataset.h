// SPDX-License-Identifier: Apache-2.0
// Data of trials, read and checked: samples with fields, dealt out to splits.
#pragma once

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
    std::vector<std::size_t> start;   // of a sequence: the first row of each sample, and the end; empty: a row a sample
    std::vector<std::uint32_t> labels;  // instead of values
    std::uint32_t classes = 0;
    bool binary = false;              // all values are 0 or 1, by the format

    bool sequence() const { return !start.empty(); }
    bool label() const { return classes > 0; }
    std::size_t steps(std::size_t sample) const { return sequence() ? start[sample + 1] - start[sample] : 1; }
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
};

}  // namespace volley
