// SPDX-License-Identifier: MIT
#pragma once

#include <weir/config.hpp>

namespace test_support {

/// Do indices come as a scan gives them: inside the model, from the first one on and around, each once? With segments: so in
/// each segment, one segment after the other.
class scan_order {
 public:
  explicit scan_order(weir::index_t cells, uint8_t segments = 1) : cells_(cells), segments_(segments) {}

  bool next(weir::index_t i) {
    if (i >= cells_) return false;
    const uint64_t s = ((uint64_t{i} + 1) * segments_ - 1) / cells_;
    const uint64_t begin = cells_ * s / segments_, size = cells_ * (s + 1) / segments_ - begin, at = i - begin;
    const bool new_segment = !any_ || s > segment_;
    if (any_ && s < segment_) return false;
    if (new_segment) first_ = at;
    const uint64_t offset = at >= first_ ? at - first_ : at + size - first_;
    const bool behind = new_segment || offset > last_;
    any_ = true;
    segment_ = s;
    last_ = offset;
    return behind;
  }

 private:
  uint64_t cells_, segments_;
  bool any_ = false;
  uint64_t segment_ = 0, first_ = 0, last_ = 0;
};

}  // namespace test_support
