// SPDX-License-Identifier: MIT
// The models, one for each kind of data.
#pragma once

#include <weir/weir.hpp>

#include "support/dataset.hpp"

namespace fleet {

using digits_net = weir::sequential<weir::input<64>, weir::dense<32>, weir::relu, weir::dense<10>>;
using idx_net = weir::sequential<weir::input<784>, weir::dense<128>, weir::relu, weir::dense<10>>;

/// What an ATmega2560 has room for.
using device_net = weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>>;

enum class net { digits, idx, device };

inline bool takes_digits(const support::dataset& data) { return data.inputs == digits_net::inputs(); }

inline weir::index_t parameters(net model) {
  return model == net::digits   ? digits_net::parameters()
         : model == net::device ? device_net::parameters()
                                : idx_net::parameters();
}

}  // namespace fleet
