// SPDX-License-Identifier: Apache-2.0
// A model explained from its field tables and its top comment: as text, or as the manual's page.
#include <cli/commands.h>
#include <cli/describe.h>
#include <network/sample.h>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

namespace volley::cli {
namespace {

std::string_view origin_name(Origin o) {
  switch (o) {
    case Origin::published: return "published";
    case Origin::authors_code: return "authors_code";
    case Origin::reconstruction: return "reconstruction";
    case Origin::from_memory: return "from_memory";
    case Origin::ours: break;
  }
  return "ours";
}

std::string type_of(const FieldInfo& f) {
  switch (f.kind) {
    case FieldKind::flag: return "true, false";
    case FieldKind::integer: return "integer";
    case FieldKind::choice: return fmt::format("{}", fmt::join(f.choices, ", "));
    case FieldKind::text: return "text";
    case FieldKind::path: return "file";
    case FieldKind::numbers: return "list of numbers";
    case FieldKind::lists: return "list of lists of numbers";
    case FieldKind::texts: return "list of texts";
    case FieldKind::number: break;
  }
  return "";
}

std::string bounds_of(const FieldInfo& f) {
  const Bounds& b = f.bounds;
  std::string s = type_of(f);
  const std::string separator = s.empty() ? "" : ", ";
  if (std::isfinite(b.low) && std::isfinite(b.high)) return s + separator + fmt::format("{} .. {}", b.low, b.high);
  if (std::isfinite(b.low)) return s + separator + fmt::format("{} {}", b.low_open ? ">" : ">=", b.low);
  if (std::isfinite(b.high)) return s + separator + fmt::format("<= {}", b.high);
  return s;
}

// What stands for the field in an experiment file; empty for a field that is absent unless written.
std::string default_of(const FieldInfo& f) {
  if (f.required) return "required";
  switch (f.kind) {
    case FieldKind::flag: return f.number != 0 ? "true" : "false";
    case FieldKind::choice: return std::string(f.choices[static_cast<std::size_t>(f.number)]);
    case FieldKind::number: return std::isnan(f.number) ? "none" : fmt::format("{}", f.number);
    case FieldKind::integer: return fmt::format("{}", f.number);
    default: return std::string(f.text);
  }
}

std::string quantity(std::string_view name, std::string_view unit) {
  return unit.empty() ? std::string(name) : fmt::format("{} ({})", name, unit);
}

// Ports and recordable variables of a linear neuron come from its declaration, made with the defaults.
void describe_neuron(const NeuronModel& m, Description& d) {
  if (m.form == NeuronForm::membrane) {
    d.form = "linear: declares its membrane; integrated exactly from event to event";
    const ParameterSet p = make_parameters(ModelChoice{&m, {}, {}}, 0, "describe", 0, 1, 1);
    const Membrane membrane = m.membrane(p.at(0));
    for (const Membrane::Port& port : membrane.ports) d.ports.push_back(quantity(port.name, port.unit));
    d.recordable.push_back("V (mV)");
    for (const Membrane::Component& c : membrane.components) d.recordable.push_back(quantity(c.name, c.unit));
    return;
  }
  d.form = m.form == NeuronForm::verbs  ? "verbs: exact from event to event"
           : m.form == NeuronForm::step ? "clocked: one step a tick"
                                        : "unit: clocked, one step a tick; can be trained";
  for (const Port& port : m.ports) d.ports.push_back(quantity(port.name, port.unit));
  for (const FieldInfo& f : m.state) d.recordable.push_back(quantity(f.name, f.unit));
}

std::string indent(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    out += line == "\n" ? "\n" : "  " + std::string(line);
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string text_table(std::vector<Row> rows) {
  // Long lists of choices go behind the meaning, so that the columns stay narrow.
  for (Row& r : rows)
    if (r[3].size() > 24) r[4] += ": " + std::exchange(r[3], "");
  std::size_t width[4] = {};
  for (const Row& r : rows)
    for (std::size_t k = 0; k < 4; ++k) width[k] = std::max(width[k], r[k].size());
  std::string out;
  for (const Row& r : rows) {
    std::string line = "  ";
    for (std::size_t k = 0; k < 4; ++k)
      if (width[k] > 0) line += fmt::format("{:<{}}  ", r[k], width[k]);
    out += line + r[4] + "\n";
  }
  return out;
}

std::string markdown_table(const std::vector<Row>& rows) {
  std::string out = "| name | unit | default | values | meaning |\n|---|---|---|---|---|\n";
  for (const Row& r : rows) out += fmt::format("| `{}` | {} | {} | {} | {} |\n", r[0], r[1], r[2], r[3], r[4]);
  return out;
}

// How the model is named in an experiment file, with the fields that must be written.
std::string usage(const Model& m) {
  std::vector<std::string> fields;
  for (const FieldInfo& f : m.parameters)
    if (f.required) fields.push_back(fmt::format("{}: ...", f.name));
  const std::string body = fmt::format("{}", fmt::join(fields, ", "));
  const std::string choice = fields.empty() ? std::string(m.name) : fmt::format("{{{}: {{{}}}}}", m.name, body);
  const std::string parameters = fields.empty() ? "" : fmt::format(", parameters: {{{}}}", body);
  switch (m.kind) {
    case ModelKind::neuron:
    case ModelKind::stimulator:
      return fmt::format("populations:\n  P: {{{}: {}, size: 100{}}}\n", kind_name(m.kind), m.name, parameters);
    case ModelKind::loss:
      return fmt::format("learning:\n  L: {{rule: bptt, loss: {{{}: {{of: P, target: data.{}}}}}, optimiser: sgd}}\n",
                         m.name, static_cast<const LossModel&>(m).target == TargetKind::label ? "label" : "next");
    case ModelKind::optimiser:
      return fmt::format(
          "learning:\n  L: {{rule: bptt, loss: {{mse_rate: {{of: P, target: data.label}}}}, optimiser: {}}}\n", choice);
    case ModelKind::modulator:
      return fmt::format("learning:\n  L: {{rule: bptt, loss: {{mse_rate: {{of: P, target: data.label}}}}, "
                         "optimiser: sgd, modulator: {}}}\n",
                         choice);
    case ModelKind::learning_rule:
      return fmt::format("learning:\n  L: {{rule: {}, loss: {{mse_rate: {{of: P, target: data.label}}}}, "
                         "optimiser: sgd}}\n",
                         choice);
    case ModelKind::synapse:
    case ModelKind::rule: break;
  }
  return fmt::format("projections:\n  - {{from: P, to: Q, connect: all_to_all, weight: ..., delay: 1 ms, {}: {}}}\n",
                     m.kind == ModelKind::synapse ? "synapse" : "plasticity", choice);
}

// The place of the ')' that belongs to the '(' at `open`. A DOI may hold parentheses of its own.
std::size_t closing(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t k = open; k < text.size(); ++k) {
    if (text[k] == '(') ++depth;
    if (text[k] == ')' && --depth == 0) return k;
  }
  return std::string_view::npos;
}

}  // namespace

std::string summary(const Model& m) {
  std::string text(m.comment.substr(0, std::min(m.comment.find("\n\n"), m.comment.size())));
  std::replace(text.begin(), text.end(), '\n', ' ');
  for (std::size_t doi = text.find("doi:"); doi != std::string::npos; doi = text.find("doi:")) {  // sources are long
    const std::size_t from = text.rfind(" (", doi);
    const std::size_t to = from == std::string::npos ? from : closing(text, from + 1);
    if (to == std::string::npos) break;
    text.erase(from, to + 1 - from);
  }
  for (std::size_t k = 0; k + 2 < text.size(); ++k)
    if (text[k] == '.' && text[k + 1] == ' ' && std::isupper(static_cast<unsigned char>(text[k + 2])))
      text.resize(k + 1);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}
std::string_view equations(const Model& m) { return origin_name(m.fidelity.equations); }
std::string_view defaults(const Model& m) { return origin_name(m.fidelity.defaults); }

Description description(const Model& m) {
  Description d;
  for (const FieldInfo& f : m.parameters) {
    std::string doc(f.doc);
    for (const OnlyWith& o : m.only_with)
      if (o.field == f.name) doc += fmt::format("; only with {}: {}", o.choice, o.value);
    d.parameters.push_back({std::string(f.name), std::string(f.unit), default_of(f), bounds_of(f), doc});
  }
  if (m.kind == ModelKind::neuron) describe_neuron(static_cast<const NeuronModel&>(m), d);
  return d;
}

std::string as_text(const Model& m) {
  const Description d = description(m);
  std::string out = fmt::format("{} ({})\n\n{}\n", m.name, kind_name(m.kind), indent(m.comment));
  out += "Parameters\n" + (d.parameters.empty() ? "  none\n" : text_table(d.parameters));
  if (!d.form.empty()) out += fmt::format("\nForm        {}\n", d.form);
  if (!d.ports.empty()) out += fmt::format("Ports       {}\n", fmt::join(d.ports, ", "));
  if (!d.recordable.empty()) out += fmt::format("Recordable  {}\n", fmt::join(d.recordable, ", "));
  out += fmt::format("\nFidelity    equations: {}; defaults: {}; {}\nSource      {}\n\nIn an experiment\n{}",
                     equations(m), defaults(m), m.fidelity.note, m.file, indent(usage(m)));
  return out;
}

std::string as_markdown(const Model& m) {
  const Description d = description(m);
  std::string out = fmt::format("# {}\n\n{} {}. Source: `{}`.\n\n```text\n{}```\n\n", m.name,
                                m.kind == ModelKind::optimiser ? "An" : "A", kind_name(m.kind), m.file, m.comment);
  out += "## Parameters\n\n" + (d.parameters.empty() ? "None.\n" : markdown_table(d.parameters));
  if (!d.ports.empty())
    out += fmt::format("\n## Ports and variables\n\n* form: {}\n* ports: {}\n* recordable: {}\n", d.form,
                       fmt::join(d.ports, ", "), fmt::join(d.recordable, ", "));
  out += fmt::format("\n## In an experiment\n\n```yaml\n{}```\n", usage(m));
  out += fmt::format("\n## Fidelity\n\nEquations: {}. Defaults: {}. {}\n", equations(m), defaults(m), m.fidelity.note);
  return out;
}

}  // namespace volley::cli
