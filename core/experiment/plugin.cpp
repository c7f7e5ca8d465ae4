// SPDX-License-Identifier: Apache-2.0
// Shared libraries of models. A library is never closed: the models live in it. One that is refused stays mapped, but
// nothing of it is enrolled.
#include <experiment/registry.h>
#include <network/error.h>
#include <volley/plugin.h>

#include <dlfcn.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <string_view>

namespace volley {
namespace {

std::string sha256(const std::string& path) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  bool ok = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::ifstream in(path, std::ios::binary);
  std::array<char, 65536> buffer{};
  while (ok && in) {
    in.read(buffer.data(), buffer.size());
    ok = EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(in.gcount())) == 1;
  }
  if (!ok || EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1)
    throw InternalError("SHA-256 of " + path + " could not be computed");
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

PluginUse Registry::load(const std::string& path, const Where& where) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::string_view reason = dlerror();
    if (reason.starts_with(path + ": ")) reason.remove_prefix(path.size() + 2);
    throw InputError(where, fmt::format("{} is not a plugin: {}", path, reason));
  }
  const auto abi = reinterpret_cast<const char* (*)()>(dlsym(library, plugin_abi_symbol));
  const auto models = reinterpret_cast<const Enrolment* (*)()>(dlsym(library, plugin_models_symbol));
  if (!abi || !models)
    throw InputError(where, fmt::format("{} is not a plugin: it lacks the symbol {}; build it with volley_add_plugin()",
                                        path, abi ? plugin_models_symbol : plugin_abi_symbol));
  const std::string tag = abi();
  if (tag != VOLLEY_ABI_TAG)
    throw InputError(where, fmt::format("{} was built for '{}', this volley is '{}'; build the plugin again against "
                                        "this installation, with the same compiler", path, tag, VOLLEY_ABI_TAG));
  std::vector<const Model*> all = models_;  // committed below, when every model of the plugin has been accepted
  for (const Enrolment* e = models(); e; e = e->next) {
    for (const Model* m : all) {
      if (m->kind != e->model->kind || m->name != e->model->name) continue;
      if (m == e->model) return {path, tag, sha256(path)};  // the same library again: nothing to add
      throw InputError(where,
                       fmt::format("{} brings the {} '{}' of {}, but {} has one of that name; rename one of them", path,
                                   kind_name(m->kind), m->name, e->model->file, m->file));
    }
    all.push_back(e->model);
  }
  models_ = std::move(all);
  return {path, tag, sha256(path)};
}

}  // namespace volley
