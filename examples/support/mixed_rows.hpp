// SPDX-License-Identifier: MIT
// The mixed fleet's data, for programs on a host: what the coordinator tests with, and each worker's share, which a
// generator puts into the flash of a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/dataset.hpp"
#include "support/mixed_fleet.hpp"
#include "support/shuffle.hpp"

namespace mixed {

/// Labelled inputs, row by row.
struct rows {
  std::size_t inputs;
  std::vector<pixel> pixels;
  std::vector<std::uint8_t> labels;

  std::size_t size() const { return labels.size(); }
  const pixel* x(std::size_t row) const { return pixels.data() + row * inputs; }
};

/// The images that Net takes, out of `from`: of the digits that it knows, at half the resolution where its inputs are fewer.
template <class Net>
rows rows_of(const support::row_set& from) {
  constexpr std::size_t side = 8;
  constexpr bool whole = Net::inputs() >= side * side;
  rows into{whole ? side * side : Net::inputs(), {}, {}};
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from.labels[i] >= Net::outputs()) continue;
    into.labels.push_back(from.labels[i]);
    const std::uint8_t* const p = from.pixels.data() + i * side * side;
    if (whole) {
      for (std::size_t at = 0; at < side * side; ++at) into.pixels.push_back(input_of(p[at]));
      continue;
    }
    for (std::size_t y = 0; y < side; y += 2)
      for (std::size_t x = 0; x < side; x += 2) {
        const std::uint8_t* const q = p + y * side + x;
        into.pixels.push_back(input_of_four(static_cast<std::uint8_t>(q[0] + q[1] + q[side] + q[side + 1])));
      }
  }
  return into;
}

/// What the coordinator tests with.
template <class Net>
rows test_rows(const support::dataset& digits) {
  return rows_of<Net>(digits.test);
}

/// What the worker of this rank trains with: the rows for training, shuffled, are dealt out like cards.
template <class Net>
rows share_of(const support::dataset& digits, std::uint16_t rank, std::uint16_t ranks) {
  const rows all = rows_of<Net>(digits.train);
  support::row_list order(all.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  weir::random_bits random(weir::mix(seed(), weir::name_id("deal")));
  support::shuffle(order, random);
  rows share{all.inputs, {}, {}};
  for (std::size_t i = rank; i < order.size(); i += ranks) {
    share.pixels.insert(share.pixels.end(), all.x(order[i]), all.x(order[i]) + all.inputs);
    share.labels.push_back(all.labels[order[i]]);
  }
  return share;
}

}  // namespace mixed
