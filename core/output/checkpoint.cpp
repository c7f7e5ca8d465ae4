// SPDX-License-Identifier: Apache-2.0
// A checkpoint is its members one after another, vectors with their lengths, between a mark and a sum of all bytes.
#include <network/error.h>
#include <output/checkpoint.h>

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <type_traits>

namespace volley {
namespace {

constexpr std::string_view mark = "volley checkpoint 1 " VOLLEY_VERSION "\n";

// Calls a(member) for each member, in the order of the file.
template <class A, class C>
void members(A& a, C& c) requires std::is_same_v<std::remove_const_t<C>, Checkpoint> {
  a(c.resolved), a(c.phase), a(c.start), a(c.theta), a(c.best), a(c.optimisers), a(c.epochs), a(c.evaluations);
}
template <class A, class C>
void members(A& a, C& c) requires std::is_same_v<std::remove_const_t<C>, Checkpoint::Optimiser> {
  a(c.learning), a(c.steps), a(c.moments);
}
template <class A, class C>
void members(A& a, C& c) requires std::is_same_v<std::remove_const_t<C>, Checkpoint::Epoch> {
  a(c.phase), a(c.result.epoch), a(c.result.trained), a(c.result.validated), a(c.result.seconds);
  a(c.result.gradient_norm);
}
template <class A, class C>
void members(A& a, C& c) requires std::is_same_v<std::remove_const_t<C>, Checkpoint::Evaluated> {
  auto& r = c.result;
  a(c.phase), a(r.values), a(r.classes), a(r.confusion), a(r.ties), a(r.sample), a(r.repeat), a(r.label);
  a(r.answer), a(r.loss), a(r.samples), a(r.spikes);
}
template <class A, class C>
void members(A& a, C& c) requires std::is_same_v<std::remove_const_t<C>, TrialSpikes> {
  a(c.population), a(c.sample), a(c.tick), a(c.unit);
}

template <class T>
concept Many = requires(T& x) { x.data(), x.size(); };
template <class T>
concept Numbers = Many<T> && std::is_arithmetic_v<typename T::value_type>;

std::uint64_t sum_of(std::string_view bytes) {  // FNV-1a
  std::uint64_t h = 14695981039346656037u;
  for (const char c : bytes) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return h;
}

struct Out {
  std::string bytes{mark};

  template <class T>
  void operator()(const T& x) {
    if constexpr (std::is_arithmetic_v<T>) {
      bytes.append(reinterpret_cast<const char*>(&x), sizeof x);
    } else if constexpr (Many<T>) {
      (*this)(std::uint64_t{x.size()});
      if constexpr (Numbers<T>)
        bytes.append(reinterpret_cast<const char*>(x.data()), x.size() * sizeof *x.data());
      else
        for (const auto& item : x) (*this)(item);
    } else {
      members(*this, x);
    }
  }
};

struct In {
  std::string_view bytes;
  std::size_t at = mark.size();

  template <class T>
  void operator()(T& x) {
    if constexpr (std::is_arithmetic_v<T>) {
      copy(&x, sizeof x);
    } else if constexpr (Many<T>) {
      std::uint64_t size = 0;
      (*this)(size);
      if (size > bytes.size() - at) throw std::length_error("the file ends");
      x.resize(size);
      if constexpr (Numbers<T>)
        copy(x.data(), size * sizeof *x.data());
      else
        for (auto& item : x) (*this)(item);
    } else {
      members(*this, x);
    }
  }

  void copy(void* to, std::size_t size) {
    if (bytes.size() - at < size) throw std::length_error("the file ends");
    if (size > 0) std::memcpy(to, bytes.data() + at, size);
    at += size;
  }
};

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& c) {
  Out out;
  out(c);
  out(sum_of(out.bytes));
  const std::string part = path + ".part";
  std::ofstream file(part, std::ios::binary);
  file << out.bytes;
  file.close();
  if (!file || std::rename(part.c_str(), path.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    std::remove(part.c_str());
    throw InputError(fmt::format("{}: cannot be written: {}", path, why));
  }
}

Checkpoint read_checkpoint(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw InputError(fmt::format("{}: there is no such file; a training that was interrupted after an epoch leaves one",
                                 path));
  std::ostringstream text;
  text << file.rdbuf();
  const std::string bytes = text.str();
  constexpr std::string_view kind = "volley checkpoint ";
  if (!bytes.starts_with(kind.substr(0, bytes.size()))) throw InputError(path + ": not a checkpoint of volley");
  if (!bytes.starts_with(mark.substr(0, bytes.size())))
    throw InputError(fmt::format("{}: a checkpoint of another version; this is volley " VOLLEY_VERSION, path));
  Checkpoint c;
  try {
    if (bytes.size() < mark.size() + 8) throw std::length_error("the file ends");
    const std::string_view content = std::string_view(bytes).substr(0, bytes.size() - 8);
    std::uint64_t sum = 0;
    std::memcpy(&sum, bytes.data() + content.size(), 8);
    if (sum != sum_of(content)) throw std::length_error("its sum is wrong");
    In in{content};
    in(c);
    if (in.at != content.size()) throw std::length_error("more bytes than members");
  } catch (const std::length_error& e) {
    throw InputError(fmt::format("{}: a damaged checkpoint of {} bytes: {}", path, bytes.size(), e.what()));
  }
  return c;
}

}  // namespace volley
