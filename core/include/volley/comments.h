// SPDX-License-Identifier: Apache-2.0
// Top comments of model files, embedded by the build (cmake/volley_models.cmake); private to each library like the
// list of models.
#pragma once

#include <volley/model.h>

#include <span>

namespace volley::detail {

struct Comment {
  std::string_view file, text;
};
struct CommentList {
  std::span<const Comment> comments;
  const CommentList* next;
};
[[gnu::visibility("hidden")]] inline const CommentList* comment_lists = nullptr;

struct AddComments {
  CommentList node;
  template <std::size_t N>
  explicit AddComments(const Comment (&table)[N]) : node{table, comment_lists} {
    comment_lists = &node;
  }
};

// The comment of a model's source file; empty when the build embedded none.
inline std::string_view comment_of(std::string_view path) {
  const std::string_view name = path.substr(path.find_last_of('/') + 1);
  for (const CommentList* l = comment_lists; l; l = l->next)
    for (const Comment& c : l->comments)
      if (c.file == name) return c.text;
  return {};
}

}  // namespace volley::detail
