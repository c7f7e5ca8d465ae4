// SPDX-License-Identifier: Apache-2.0
// The files of `volley new`, embedded from core/cli/templates. `my_model` and `MyModel` stand for the model's name.
#pragma once

#include <string_view>
#include <vector>

namespace volley::cli {

struct Template {
  std::string_view file, text;
};

const std::vector<Template>& templates();

}  // namespace volley::cli
