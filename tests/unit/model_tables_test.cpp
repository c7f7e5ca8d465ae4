// SPDX-License-Identifier: Apache-2.0
// The names of models and fields that experiment files rely on, and what every model must tell of itself.
#include "models.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace volley::test {
namespace {

using testing::HasSubstr;

const std::map<std::pair<ModelKind, std::string>, std::vector<std::string>> frozen{
    {{ModelKind::neuron, "lif"}, {"tau_m", "C_m", "E_L", "V_th", "V_reset", "t_ref", "I_e"}},
    {{ModelKind::neuron, "lif_exp"}, {"tau_m", "C_m", "E_L", "V_th", "V_reset", "t_ref", "I_e", "tau_syn"}},
    {{ModelKind::neuron, "lif_alpha"}, {"tau_m", "C_m", "E_L", "V_th", "V_reset", "t_ref", "I_e", "tau_syn"}},
    {{ModelKind::neuron, "lif_exp2"},
     {"tau_m", "C_m", "E_L", "V_th", "V_reset", "t_ref", "I_e", "tau_syn_exc", "tau_syn_inh"}},
    {{ModelKind::neuron, "lif_adaptive"},
     {"tau_m", "C_m", "E_L", "V_th", "V_reset", "t_ref", "I_e", "tau_syn", "tau_w", "b", "tau_theta", "theta_jump"}},
    {{ModelKind::neuron, "lif_homeostatic"}, {"tau_m", "V_th", "V_th_min", "V_th_step", "f_target"}},
    {{ModelKind::neuron, "lif_cond"},
     {"C_m", "g_L", "E_L", "V_th", "V_reset", "t_ref", "E_exc", "E_inh", "tau_syn_exc", "tau_syn_inh", "I_e"}},
    {{ModelKind::neuron, "izhikevich"}, {"a", "b", "c", "d", "V_peak", "I_e"}},
    {{ModelKind::neuron, "adex"},
     {"C_m", "g_L", "E_L", "V_T", "Delta_T", "a", "tau_w", "b", "V_reset", "V_peak", "t_ref", "E_exc", "E_inh",
      "tau_syn_exc", "tau_syn_inh", "I_e"}},
    {{ModelKind::neuron, "parrot"}, {}},
    {{ModelKind::synapse, "static"}, {}},
    {{ModelKind::synapse, "tsodyks_markram"}, {"U", "tau_rec", "tau_fac"}},
    {{ModelKind::synapse, "fatigue"}, {"U", "tau_F", "transmit"}},
    {{ModelKind::rule, "stdp"},
     {"pairing", "dependence", "mu", "tau_plus", "tau_minus", "A_plus", "A_minus", "W_min", "W_max"}},
    {{ModelKind::rule, "stdp_triplet"},
     {"tau_plus", "tau_minus", "tau_x", "tau_y", "A2_plus", "A2_minus", "A3_plus", "A3_minus", "W_min", "W_max"}},
    {{ModelKind::rule, "fstdp"},
     {"base", "eta", "theta", "tau_plus", "tau_minus", "A_minus", "ltp_fatigue", "ltd_fatigue"}},
};

TEST(ModelTables, NamesAreFrozen) {
  for (const auto& [key, fields] : frozen) {
    std::vector<std::string> names;
    for (const FieldInfo& f : find_model(key.first, key.second).parameters) names.emplace_back(f.name);
    EXPECT_EQ(names, fields) << key.second;
  }
}

TEST(ModelTables, NeuronsAgreeOnDefaults) {
  const std::map<std::string_view, double> common{{"tau_m", 20.0}, {"C_m", 250.0},  {"E_L", -70.0}, {"V_th", -50.0},
                                                  {"V_reset", -70.0}, {"t_ref", 2.0}, {"tau_syn", 2.0}, {"I_e", 0.0}};
  for (const char* name : {"lif", "lif_exp", "lif_exp2", "lif_alpha", "lif_adaptive", "lif_cond"})
    for (const FieldInfo& f : neuron(name).parameters)
      if (const auto c = common.find(f.name); c != common.end()) {
        EXPECT_EQ(f.number, c->second) << name << '.' << f.name;
      }
}

// Each default is within its bounds and passes `check`; each field has a text.
TEST(ModelTables, DefaultsAreLegal) {
  for (const ModelKind kind : {ModelKind::neuron, ModelKind::synapse, ModelKind::rule})
    for (const Model* m : all_models(kind)) {
      EXPECT_EQ(complaint(*m, {}), "") << m->name;
      for (const FieldInfo& f : m->parameters) {
        EXPECT_TRUE(f.bounds.contain(f.number)) << m->name << '.' << f.name;
        EXPECT_FALSE(f.doc.empty()) << m->name << '.' << f.name;
      }
    }
}

// name = "lif"  <=>  file lif.cpp  <=>  struct Lif; its comment has equations and, unless it is our own, a source.
TEST(ModelTables, FilesAreNamedAfterTheirModels) {
  for (const ModelKind kind : {ModelKind::neuron, ModelKind::synapse, ModelKind::rule})
    for (const Model* m : all_models(kind)) {
      EXPECT_THAT(std::string(m->file), testing::EndsWith('/' + std::string(m->name) + ".cpp"));
      std::ifstream in{std::filesystem::path(VOLLEY_SOURCE_DIR) / m->file};  // as built, or absolute
      std::stringstream text;
      text << in.rdbuf();
      std::string type;
      bool upper = true;
      for (const char c : m->name) {
        if (c != '_') type += upper ? static_cast<char>(std::toupper(c)) : c;
        upper = c == '_';
      }
      EXPECT_THAT(text.str(), HasSubstr("struct " + type + " {")) << m->file;
      if (m->name != "parrot" && m->name != "static") {
        EXPECT_THAT(text.str(), HasSubstr("doi:")) << m->file;
      }
      EXPECT_FALSE(m->fidelity.note.empty()) << m->name;
    }
}

TEST(ModelTables, FieldsOfOneChoiceAreDeclared) {
  for (const Model* m : all_models(ModelKind::rule))
    for (const OnlyWith& o : m->only_with) {
      const auto named = [m](std::string_view n) {
        return std::find_if(m->parameters.begin(), m->parameters.end(),
                            [n](const FieldInfo& f) { return f.name == n; });
      };
      ASSERT_NE(named(o.field), m->parameters.end()) << o.field;
      ASSERT_NE(named(o.choice), m->parameters.end()) << o.choice;
      EXPECT_THAT(named(o.choice)->choices, testing::Contains(o.value)) << m->name;
    }
  EXPECT_EQ(rule("fstdp").only_with.size(), 4u);
}

TEST(ModelTables, ResetBelowThreshold) {
  for (const char* name : {"lif", "lif_exp", "lif_exp2", "lif_alpha", "lif_adaptive", "lif_cond"})
    EXPECT_THAT(complaint(neuron(name), {{"V_reset", -50.0}}), HasSubstr("V_reset must be below V_th")) << name;
  EXPECT_THAT(complaint(neuron("adex"), {{"V_reset", 0.0}}), HasSubstr("V_reset"));
  EXPECT_THAT(complaint(neuron("adex"), {{"Delta_T", 0.1}}), HasSubstr("V_peak"));
  EXPECT_THAT(complaint(neuron("izhikevich"), {{"c", 30.0}}), HasSubstr("c must be below V_peak"));
  EXPECT_THAT(complaint(rule("stdp"), {{"W_max", 0.0}}), HasSubstr("W_max"));
  EXPECT_THAT(complaint(rule("stdp"), {{"W_min", -1.0}, {"dependence", "power_law"}}), HasSubstr("W_min"));
}

// What the linear neurons declare, with parameters that differ from each other.
TEST(ModelTables, Membranes) {
  const ParameterSet p = parameters_of(
      neuron("lif_adaptive"), {{"tau_m", 10.0}, {"C_m", 200.0}, {"E_L", -65.0}, {"I_e", 400.0}, {"V_reset", -60.0},
                               {"t_ref", 3.0}, {"tau_syn", 4.0}, {"tau_w", 90.0}, {"b", 7.0}, {"tau_theta", 30.0}});
  const Membrane m = neuron("lif_adaptive").membrane(p.at(0));
  EXPECT_EQ(m.R, 0.05);
  EXPECT_EQ(m.rest, -45.0);
  EXPECT_EQ(m.start, -65.0);
  EXPECT_EQ(m.reset, -60.0);
  EXPECT_EQ(m.refractory, 3.0);
  ASSERT_EQ(m.components.size(), 3u);
  EXPECT_EQ(m.components[0].tau, 4.0);
  EXPECT_EQ(m.components[1].tau, 90.0);
  EXPECT_EQ(m.components[1].on_spike, -7.0);
  EXPECT_EQ(m.components[2].kind, Membrane::Kind::threshold);
  EXPECT_EQ(m.components[2].on_spike, 2.0);
  const Membrane two = neuron("lif_exp2").membrane(parameters_of(neuron("lif_exp2"), {{"tau_syn_inh", 9.0}}).at(0));
  ASSERT_EQ(two.ports.size(), 2u);
  EXPECT_EQ(two.ports[0].name, "exc");
  EXPECT_EQ(two.ports[1].name, "inh");
  EXPECT_EQ(two.components[static_cast<std::size_t>(two.ports[1].component)].tau, 9.0);
  const Membrane alpha = neuron("lif_alpha").membrane(parameters_of(neuron("lif_alpha")).at(0));
  EXPECT_EQ(alpha.components.at(0).kind, Membrane::Kind::alpha);
  EXPECT_EQ(neuron("lif").membrane(parameters_of(neuron("lif")).at(0)).ports.at(0).component, -1);
}

}  // namespace
}  // namespace volley::test
