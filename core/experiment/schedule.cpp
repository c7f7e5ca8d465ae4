// SPDX-License-Identifier: Apache-2.0
// `schedule` of a block of `learning`.
#include <experiment/sections.h>

#include <fmt/format.h>

#include <algorithm>

namespace volley {
namespace {

double read_share(const Node& n) {
  const double x = read_number(n);
  if (!(x >= 0.0 && x <= 1.0)) throw InputError(n.where, fmt::format("found {}; it is 0 to 1", n.found()));
  return x;
}

}  // namespace

std::size_t read_epochs(const Node& n) {
  Node number = n;
  for (const std::string_view unit : {" epochs", " epoch"})
    if (n.scalar() && n.text.ends_with(unit)) {
      number.text.resize(n.text.size() - unit.size());
      break;
    }
  return static_cast<std::size_t>(read_integer(number, 1, 1'000'000'000));
}

Schedule read_schedule(const Node& n, Node& resolved) {
  resolved = n;
  if (n.scalar() && n.text == "none") return {};
  using Kind = Schedule::Kind;
  const Choice c = read_choice(n, "a schedule");
  struct Form {
    std::string_view name;
    Kind kind;
    std::vector<std::string_view> keys;
  };
  static const std::vector<Form> forms{{"constant", Kind::constant, {"warm_up"}},
                                       {"step", Kind::step, {"every", "factor", "warm_up"}},
                                       {"exponential", Kind::exponential, {"factor", "warm_up"}},
                                       {"cosine", Kind::cosine, {"epochs", "floor", "warm_up"}}};
  const auto form = std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return f.name == c.name; });
  if (form == forms.end())
    unknown(c.where, c.name, "a schedule", {"none", "constant", "step", "exponential", "cosine"});
  Node nothing;
  nothing.where = c.where;
  const Keys keys(c.parameters ? *c.parameters : nothing, c.name, form->keys);
  Schedule s{.kind = form->kind};
  if (const Node* x = keys.find("warm_up")) s.warm_up = read_epochs(*x);
  if (s.kind == Kind::step || s.kind == Kind::exponential) s.factor = read_share(keys.at("factor", "such as 0.5"));
  if (s.kind == Kind::step) s.epochs = read_epochs(keys.at("every", "such as 10 epochs"));
  if (s.kind == Kind::cosine) s.epochs = read_epochs(keys.at("epochs", "such as 30 epochs"));
  if (const Node* x = keys.find("floor")) s.floor = read_share(*x);
  return s;
}

}  // namespace volley
