// SPDX-License-Identifier: Apache-2.0
// The readers of data sets, each in a file of its own. Each takes its options (`idx: {..}`), adds its defaults to the
// resolved file and gives samples, fields, and splits where the file has splits of its own.
#pragma once

#include <experiment/reader.h>

#include <array>

namespace volley {

inline constexpr std::array<const char*, 3> split_names{"train", "valid", "test"};

Dataset read_csv_images(const Scope&, const Node&, Node& resolved);
Dataset read_event_list(const Scope&, const Node&, Node& resolved);
Dataset read_idx(const Scope&, const Node&, Node& resolved);
Dataset read_piano_roll(const Scope&, const Node&, Node& resolved);
Dataset read_shd(const Scope&, const Node&, Node& resolved);
// Reader `text`: its tokens are numbered when it is known which samples are of training.
Dataset read_tokens(const Scope&, const Node&, Node& resolved);
void choose_vocabulary(Dataset&, const Node& reader);

// What the values of pixels are divided by: above 0.
double read_scale(const Node* scale, double fallback, Node& resolved);

}  // namespace volley
