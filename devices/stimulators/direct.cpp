// SPDX-License-Identifier: Apache-2.0
// A data set as it is: in each tick of a trial a unit sends its value; of a sequence, that of the tick's row.
// Fields of zeros and ones, such as piano rolls, stay binary: only what is active costs anything.
#include <volley/stimulator.h>

namespace {
using namespace volley;

struct Direct {
  static constexpr auto name = "direct";
  static constexpr Fidelity fidelity{Origin::ours, Origin::ours, "a device"};

  struct Parameters {
    std::string data;
  };
  static constexpr auto parameters =
      fields(Field{&Parameters::data, "data", required, "", "field of a data set, such as jsb.roll"});
  static constexpr bool binary = false;

  static double encode(double x, Random&, const Parameters&) { return x; }
};
}  // namespace
VOLLEY_STIMULATOR(Direct)
