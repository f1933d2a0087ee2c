// SPDX-License-Identifier: MIT
// What weights and residuals are made of, where a fleet is not of floats.
#pragma once

#include <cstdint>
#include <string>

#include <weir/weir.hpp>

namespace fleet {

enum class number_kind { real, int16, int16r8, int8, int8r8 };

/// A number's type, and what a sample is given in: floats, or pixels in 8 bits, 64 to 1.0.
struct real {
  using number = float;
  using input = float;
};
/// Floats, and samples that are indices.
struct real_of_indices {
  using number = float;
  using input = std::uint8_t;
};
template <class Weight, class Residual>
struct integer {
  using number = weir::numbers<Weight, Residual>;
  using input = weir::fixed8<6>;
};

// Activations have the weights' format: its range must hold them, or most of them, and its unit is the least step of a
// weight. A residual must hold a few Wt (here up to 1/8); what is less than its unit is left to chance, where it has 8 bits,
// or lost. On digits, hidden units come to 12 and outputs to 40; a format that ends at 8 or 4 still does, because gradients
// that push beyond the end are none.
using int16 = integer<weir::fixed16<12>, weir::fixed16<16>>;   ///< end at 8 and 1/2; weir's own choice, fixed16<18>, is
                                                               ///< finer and ends at 1/8, which momentum fills
using int16r8 = integer<weir::fixed16<10>, weir::fixed8<10>>;  ///< end at 32 and 1/8
using int8 = integer<weir::fixed8<5>, weir::fixed16<11>>;      ///< end at 4 and 16; what weir::fixed8<5> alone says
using int8r8 = integer<weir::fixed8<5>, weir::fixed8<9>>;      ///< end at 4 and 1/4: two bytes a weight in all

template <class Rep, std::int8_t F>
std::string text_of(weir::fixed<Rep, F>) {
  return "fixed" + std::to_string(8 * sizeof(Rep)) + "<" + std::to_string(F) + ">";
}
inline std::string text_of(float) { return "float"; }

}  // namespace fleet
