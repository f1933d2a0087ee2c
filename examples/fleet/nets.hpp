// SPDX-License-Identifier: MIT
// The models, one or more for each kind of data. What is larger than two dense layers stands in a file of its own, net_*.cpp.
#pragma once

#include <weir/weir.hpp>

#include "support/dataset.hpp"

namespace fleet {

using digits_net = weir::sequential<weir::input<64>, weir::dense<32>, weir::relu, weir::dense<10>>;
using idx_net = weir::sequential<weir::input<784>, weir::dense<128>, weir::relu, weir::dense<10>>;

/// What an ATmega2560 has room for.
using device_net = weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>>;

enum class net { digits, idx, device, cnn, conv3d, frames, gru };

/// For programs that have models for images of digits, and of 28 x 28 pixels: which of these is it? Throws
/// support::bad_input for data of other kinds.
inline bool takes_digits(const support::dataset& data) {
  if (data.kind != support::row_kind::image) throw support::bad_input("--data: must be digits or idx:DIR here");
  return data.inputs == digits_net::inputs();
}

weir::index_t cnn_parameters();
weir::index_t conv3d_parameters();
weir::index_t frames_parameters();
weir::index_t gru_parameters();

inline weir::index_t parameters(net model) {
  switch (model) {
    case net::digits: return digits_net::parameters();
    case net::idx: return idx_net::parameters();
    case net::device: return device_net::parameters();
    case net::cnn: return cnn_parameters();
    case net::conv3d: return conv3d_parameters();
    case net::frames: return frames_parameters();
    case net::gru: break;
  }
  return gru_parameters();
}

}  // namespace fleet
