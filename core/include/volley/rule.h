// SPDX-License-Identifier: Apache-2.0
// All that a plasticity rule includes. The author writes verbs for one synapse; the engine owns loops and traces.
//
//   name, fidelity, Parameters and its table (see neuron.h); the unit "weight" is that of the receiving port
//   static auto pre_traces(const Parameters&)     std::array<Trace, N>: one set per source (and delay class)
//   static auto post_traces(const Parameters&)    std::array<Trace, M>: one set per target neuron
//   struct Synapse {...};                         state per synapse (optional; trivially copyable)
//   static bool needs_synapse(const Parameters&)  false where these parameters do without it (optional; saves memory)
//   static double on_pre (double w, const Pre& pre, const Post& post, Synapse& s, double e, const Parameters&)
//   static double on_post(double w, const Pre& pre, const Post& post, Synapse& s, const Parameters&)
//
// Pre and Post are `const double*`-like arrays of the traces' values at this instant, *before* this event's own update
// (for a coincident pair the pre trace already holds the pre spike). `e` is the synapse stage's factor (1 for static).
// Each verb returns the new weight in double; the engine rounds it to float32 once. VOLLEY_RULE(Stdp) registers it.
#pragma once

#include <volley/kernel.h>
#include <volley/model.h>

#include <array>
#include <concepts>
#include <memory>

namespace volley {

struct Trace {
  enum class Update : std::uint8_t { add, set };
  double tau;                    // ms
  Update update = Update::add;   // add or set the increment at an event of its side
  double increment = 1.0;
  bool times_e = false;          // the increment is multiplied by e (pre traces only)
};

template <std::size_t N>
using Traces = std::array<double, N>;

// A rule as the engine sees it: loops over rows and columns. All pointers may be of any block; `pre` and `post` are
// trace values at the event's time: post[target * n_post + k] * post_factor[k], pre[row * n_pre + k] * pre_factor[k].
struct RuleRow {
  float* weight;
  std::byte* synapse;          // state of the row's first synapse; null without state
  const Local* target;
  std::uint32_t count;
  const double* pre;           // n_pre values, at this instant
  const double* post;          // stored post traces of the block's neurons
  const double* post_factor;   // n_post
  double e;
};
struct RuleColumn {
  float* weight;               // of the whole table
  std::byte* synapse;
  const std::uint32_t* index;  // the column's synapses in the table
  const std::uint32_t* trace;  // for each, the place of its pre traces (source and delay class)
  std::uint32_t count;
  const double* pre;           // stored pre traces
  const double* pre_factor;    // n_pre
  const double* post;          // n_post values of this neuron, at this instant
};

struct RuleModel : Model {
  std::size_t n_pre = 0, n_post = 0, synapse_size = 0;
  std::vector<Trace> (*pre)(const void* p) = nullptr;
  std::vector<Trace> (*post)(const void* p) = nullptr;
  // Whether these parameters need the state of synapse_size bytes; null: yes. Without it, rows pass a null `synapse`.
  bool (*needs_synapse)(const void* p) = nullptr;
  void (*synapse_init)(std::byte* at, std::size_t count) = nullptr;
  void (*on_pre)(const void* p, const RuleRow&) = nullptr;     // null: the rule has no such verb
  void (*on_post)(const void* p, const RuleColumn&) = nullptr;
};

namespace detail {

struct NoSynapse {};
template <class R>
struct SynapseOf { using type = NoSynapse; };
template <class R>
  requires requires { typename R::Synapse; }
struct SynapseOf<R> { using type = typename R::Synapse; };

template <class R>
RuleModel& rule_model(std::string_view file) {
  using P = typename R::Parameters;
  using S = typename SynapseOf<R>::type;
  constexpr std::size_t n_pre = decltype(R::pre_traces(std::declval<const P&>())){}.size();
  constexpr std::size_t n_post = decltype(R::post_traces(std::declval<const P&>())){}.size();
  using Pre = Traces<n_pre>;
  using Post = Traces<n_post>;
  static RuleModel d;
  describe<R>(d, ModelKind::rule, file);
  d.n_pre = n_pre;
  d.n_post = n_post;
  d.pre = [](const void* p) {
    const auto t = R::pre_traces(*static_cast<const P*>(p));
    return std::vector<Trace>(t.begin(), t.end());
  };
  d.post = [](const void* p) {
    const auto t = R::post_traces(*static_cast<const P*>(p));
    return std::vector<Trace>(t.begin(), t.end());
  };
  if constexpr (!std::is_same_v<S, NoSynapse>) {
    static_assert(std::is_trivially_copyable_v<S>, "a rule's Synapse must be trivially copyable");
    d.synapse_size = sizeof(S);
    d.synapse_init = [](std::byte* at, std::size_t count) {
      for (std::size_t k = 0; k < count; ++k) new (at + k * sizeof(S)) S{};
    };
    if constexpr (requires(const P& p) { R::needs_synapse(p); })
      d.needs_synapse = [](const void* p) { return R::needs_synapse(*static_cast<const P*>(p)); };
  }
  constexpr bool has_pre = requires(Pre x, Post y, S s, const P& p) { R::on_pre(1.0, x, y, s, 1.0, p); };
  constexpr bool has_post = requires(Pre x, Post y, S s, const P& p) { R::on_post(1.0, x, y, s, p); };
  static_assert(has_pre || has_post, "a rule needs on_pre(w, pre, post, s, e, p) or on_post(w, pre, post, s, p)");
  if constexpr (has_pre) {
    d.on_pre = [](const void* parameters, const RuleRow& r) {
      const P p = *static_cast<const P*>(parameters);
      Pre pre;
      for (std::size_t k = 0; k < n_pre; ++k) pre[k] = r.pre[k];
      S none{};
      for (std::uint32_t j = 0; j < r.count; ++j) {
        Post post;
        for (std::size_t k = 0; k < n_post; ++k)
          post[k] = r.post[r.target[j] * n_post + k] * r.post_factor[k];
        S& s = r.synapse ? reinterpret_cast<S*>(r.synapse)[j] : none;
        r.weight[j] = static_cast<float>(R::on_pre(static_cast<double>(r.weight[j]), pre, post, s, r.e, p));
      }
    };
  }
  if constexpr (has_post) {
    d.on_post = [](const void* parameters, const RuleColumn& c) {
      const P p = *static_cast<const P*>(parameters);
      Post post;
      for (std::size_t k = 0; k < n_post; ++k) post[k] = c.post[k];
      S none{};
      constexpr std::uint32_t ahead = 24;  // a column's weights lie far apart: ask for them early
      for (std::uint32_t j = 0; j < c.count; ++j) {
        if (j + ahead < c.count) __builtin_prefetch(c.weight + c.index[j + ahead], 1);
        const std::uint32_t at = c.index[j];
        Pre pre;
        for (std::size_t k = 0; k < n_pre; ++k)
          pre[k] = c.pre[c.trace[j] * n_pre + k] * c.pre_factor[k];
        S& s = c.synapse ? reinterpret_cast<S*>(c.synapse)[at] : none;
        c.weight[at] = static_cast<float>(R::on_post(static_cast<double>(c.weight[at]), pre, post, s, p));
      }
    };
  }
  return d;
}

}  // namespace detail
}  // namespace volley

#define VOLLEY_RULE(R) VOLLEY_ENROL_(::volley::detail::rule_model, R)
