// SPDX-License-Identifier: Apache-2.0
// Quantities: a number, a space, a unit. A unit is required wherever a field has one, and refused where it has none.
#pragma once

#include <experiment/document.h>

#include <string>
#include <string_view>

namespace volley {

// What a number means where it is read.
struct UnitOf {
  std::string_view unit;  // of the field; empty: none
  double tick_ms = 0.0;   // where times may be written in ticks; 0: nothing is clocked
};

// The scalar in the field's unit: "1.5 us" read as ms is exactly 0.0015 correctly rounded.
double read_quantity(const Node&, UnitOf);
// The same for the cell of a table, where a plain number is in the field's unit.
double read_cell(const std::string& cell, UnitOf, const Where&);

double read_number(const Node&);  // without unit
std::int64_t read_integer(const Node&, std::int64_t low, std::int64_t high);
std::uint64_t read_seed(const Node&);
bool read_flag(const Node&);
double read_megabytes(const Node&);  // "8 GB"

// A time in ps, of at least `low` ps. Throws beyond the range of Time (about 106 days).
Time read_time(const Node&, double tick_ms, Time low);

// A scalar's text; `what` says what is expected there.
const std::string& read_text(const Node&, std::string_view what);

std::string format_quantity(double, std::string_view unit);  // "1.5 ms", "0.2"

}  // namespace volley
