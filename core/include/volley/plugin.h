// SPDX-License-Identifier: Apache-2.0
// The boundary of a shared library of models. Authors do not include this: `volley_add_plugin` compiles it in.
#pragma once

#include <volley/model.h>

// Raise when a struct that crosses the boundary changes.
#define VOLLEY_PLUGIN_API "5"

#define VOLLEY_STRINGIFY_(x) #x
#define VOLLEY_STRINGIFY(x) VOLLEY_STRINGIFY_(x)

#if defined(__clang__)
#define VOLLEY_COMPILER "clang" VOLLEY_STRINGIFY(__clang_major__)
#else
#define VOLLEY_COMPILER "gcc" VOLLEY_STRINGIFY(__GNUC__)
#endif
#if defined(_LIBCPP_VERSION)
#define VOLLEY_STDLIB "libc++" VOLLEY_STRINGIFY(_LIBCPP_VERSION)
#else
#define VOLLEY_STDLIB "libstdc++-abi" VOLLEY_STRINGIFY(_GLIBCXX_USE_CXX11_ABI)
#endif

namespace volley {

// Host and plugin must agree on this text. A plugin that a test builds with another tag defines VOLLEY_ABI_TAG.
#if !defined(VOLLEY_ABI_TAG)
#define VOLLEY_ABI_TAG "volley-plugin-" VOLLEY_PLUGIN_API " " VOLLEY_COMPILER " " VOLLEY_STDLIB " double64"
#endif

inline constexpr const char* plugin_abi_symbol = "volley_plugin_abi";
inline constexpr const char* plugin_models_symbol = "volley_plugin_models";

}  // namespace volley
