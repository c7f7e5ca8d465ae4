// SPDX-License-Identifier: Apache-2.0
#include <network/description.h>

namespace volley {

const LearningSpec* learning_of(const Experiment& e, const PhaseSpec& phase) {
  std::string name = phase.trials->learning;
  if (name.empty())
    for (const PhaseSpec& p : e.phases) {
      if (&p == &phase) break;
      if (p.trials && p.trials->train) name = p.trials->learning;
    }
  for (const LearningSpec& l : e.learning)
    if (l.name == name || name.empty()) return &l;
  return nullptr;
}

}  // namespace volley
