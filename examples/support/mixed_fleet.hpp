// SPDX-License-Identifier: MIT
// What the members of the mixed fleet agree on, whatever machine they run on: models, numbers, encoders, frames, shares of
// the data and hyper-parameters. Firmware and host programs include this one file: C++11, no standard library.
#pragma once

#include <weir/weir.hpp>

namespace mixed {

/// Weights in 16 bits with unit 2^-12, residual in 16 bits with unit 2^-18.
typedef weir::fixed16<12> number;
/// Inputs in 8 bits: 64 is 1.
typedef weir::fixed8<6> pixel;
typedef weir::ternary encoder;  // both ways

constexpr size_t frame_bytes() noexcept { return 64; }

/// 8x8 images of the ten digits: 1,210 weights.
typedef weir::sequential<weir::input<64>, weir::dense<16>, weir::relu, weir::dense<10>> net_digits;
/// 4x4 images of the digits 0 to 3: 172 weights, for 2 KB of RAM.
typedef weir::sequential<weir::input<16>, weir::dense<8>, weir::relu, weir::dense<4>> net_quarter;
/// 8x8 images of the ten digits, a column of eight pixels at a time: each filter sees three columns. 450 weights.
typedef weir::sequential<weir::input<8, 8>, weir::conv1d<8, weir::window<3>>, weir::relu,
                         weir::max_pool<weir::window<2>>, weir::flatten, weir::dense<10>>
    net_conv1d;
/// Two 8x8 images of the digits 0 to 3, one after the other, a row of eight pixels at a time. Wanted is the first digit, which
/// has to be remembered while the second goes by. 1,284 weights.
typedef weir::sequential<weir::input<16, 8>, weir::gru<16>, weir::dense<4>> net_gru;

/// A pixel of a digit, 0..16, as an input. A quarter image's pixel is the mean of four: give it their sum, 0..64.
inline pixel input_of(uint8_t p) noexcept { return pixel::from_raw(static_cast<int8_t>(4 * p)); }
inline pixel input_of_four(uint8_t sum) noexcept { return pixel::from_raw(static_cast<int8_t>(sum)); }
/// The second image of a sample of two, out of `images`: another one at each turn.
inline weir::index_t image_behind(weir::index_t first, uint16_t turn, weir::index_t images) noexcept {
  return static_cast<weir::index_t>((static_cast<uint32_t>(first) * 7 + turn * UINT32_C(3) + 1) % images);
}
// Who has which rows for training is in support/mixed_rows.hpp, for programs on a host; a worker goes through its own in
// that order, over and over.

template <class Transport>
using pipe_over = weir::pipeline<weir::sgd, weir::target_density, encoder, Transport>;
template <class Net, class Transport>
using node_over = weir::worker<number, Net, weir::softmax_cross_entropy, pipe_over<Transport>, 1, frame_bytes()>;
/// Port: see weir/transport/byte_stream.hpp. Number: a fleet of another is what this one is compared with.
template <class Port>
using pipe = pipe_over<weir::byte_stream<Port>>;
template <class Net, class Port, class Number = number>
using node = weir::worker<Number, Net, weir::softmax_cross_entropy, pipe<Port>, 1, frame_bytes()>;
template <class Port>
using node_digits = node<net_digits, Port>;
template <class Port>
using node_quarter = node<net_quarter, Port>;

typedef weir::downlink<encoder, weir::mean, weir::target_density> link;
template <class Net, uint16_t MaxRanks, class Number = number>
using coordinator = weir::coordinator<Number, Net, link, MaxRanks, frame_bytes()>;

/// The fleet's hyper-parameters. The rate is for batches of one. With a higher one residuals of 16 bits, which end at 1/8,
/// write off more than they need to; with this, as accurate as floats (tests/firmware/float_fleet.cpp).
constexpr uint32_t seed() noexcept { return 1; }
constexpr float rate() noexcept { return 0.03f; }

/// And those that go with the size of the model: a frame of 64 bytes holds about 40 coordinates.
template <class Net>
struct settings;
template <>
struct settings<net_digits> {
  static constexpr float density_up() noexcept { return 0.01f; }
  static constexpr float density_down() noexcept { return 0.02f; }
  static constexpr uint16_t steps_per_round() noexcept { return 16; }  // workers are told by the coordinator
};
template <>
struct settings<net_quarter> {
  static constexpr float density_up() noexcept { return 0.05f; }
  static constexpr float density_down() noexcept { return 0.1f; }
  static constexpr uint16_t steps_per_round() noexcept { return 32; }
};

template <>
struct settings<net_conv1d> : settings<net_quarter> {};
template <>
struct settings<net_gru> : settings<net_quarter> {};

template <class Net, class Transport>
pipe_over<Transport> make_pipe_over(Transport transport) noexcept {
  return pipe_over<Transport>(weir::sgd(rate()), weir::target_density(settings<Net>::density_up()), encoder(),
                              transport);
}
template <class Net, class Port>
pipe<Port> make_pipe(Port port) noexcept {
  return make_pipe_over<Net>(weir::byte_stream<Port>(port));
}

/// When a node trains: its batches to a round at the weights of that round, and no more. The line is then never flooded,
/// and where all ranks are waited for, the same seed gives the same weights, however fast each machine is. All-zero is
/// ready.
class pace {
 public:
  /// Is it time for a batch? If so, it has to be trained.
  template <class Node>
  bool next(const Node& n) noexcept {
    if (n.member_state() != weir::membership::member) return false;
    if (!started_ || n.round_number() != round_) {
      started_ = true;
      round_ = n.round_number();
      done_ = 0;
    }
    if (done_ >= n.steps_per_round()) return false;
    ++done_;
    return true;
  }

 private:
  uint16_t round_;
  uint16_t done_;
  bool started_;
};

}  // namespace mixed
