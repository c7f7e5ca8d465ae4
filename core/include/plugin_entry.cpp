// SPDX-License-Identifier: Apache-2.0
// Compiled into every plugin by volley_add_plugin: the two symbols that the host looks for.
#include <volley/comments.h>
#include <volley/plugin.h>

extern "C" {

[[gnu::visibility("default")]] const char* volley_plugin_abi() { return VOLLEY_ABI_TAG; }

[[gnu::visibility("default")]] const volley::Enrolment* volley_plugin_models() {
  for (const volley::Enrolment* e = volley::enrolled; e; e = e->next)
    e->model->comment = volley::detail::comment_of(e->model->file);
  return volley::enrolled;
}
}
