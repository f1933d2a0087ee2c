// SPDX-License-Identifier: MIT
// Rows of the data, as samples of the numbers that a device computes with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "shares.hpp"

namespace fleet {

/// Writes a row to x[inputs], scaled to [0, 1].
inline void sample(const support::dataset& data, const support::row_set& from, std::size_t index, float* x) {
  data.scaled(from, index, x);
}
template <class Rep, std::int8_t F>
void sample(const support::dataset& data, const support::row_set& from, std::size_t index, weir::fixed<Rep, F>* x) {
  const std::uint8_t* const p = from.pixels.data() + index * data.inputs;
  for (std::size_t i = 0; i < data.inputs; ++i) x[i] = weir::fixed<Rep, F>(data.unit * static_cast<float>(p[i]));
}
/// Indices as they are.
inline void sample(const support::dataset& data, const support::row_set& from, std::size_t index, std::uint8_t* x) {
  std::copy_n(from.pixels.data() + index * data.inputs, data.inputs, x);
}

/// One worker's way through its rows: batch after batch, reshuffled when an epoch is over. Target is the loss's: a label, or
/// a pointer to all labels of a row.
template <class Input, weir::index_t Batch, class Target = weir::index_t>
class feeder {
 public:
  feeder(const support::dataset& data, row_list rows, std::uint32_t steps_per_epoch, std::uint32_t seed)
      : data_(&data),
        rows_(std::move(rows)),
        each_(steps_per_epoch),
        random_(seed),
        x_(Batch * data.inputs),
        labels_(Batch * data.train.labels_each) {}

  void next() {
    if (step_ == 0) shuffle(rows_, random_);
    for (std::size_t b = 0; b < Batch; ++b) {
      const std::size_t row = rows_[step_ * Batch + b], labels_each = data_->train.labels_each;
      sample(*data_, data_->train, row, x_.data() + b * data_->inputs);
      std::copy_n(data_->train.labels.begin() + static_cast<std::ptrdiff_t>(row * labels_each), labels_each,
                  labels_.begin() + static_cast<std::ptrdiff_t>(b * labels_each));
    }
    step_ = step_ + 1 == each_ ? 0 : step_ + 1;
  }
  const Input* x() const { return x_.data(); }
  const Target* targets() {
    if constexpr (std::is_same_v<Target, weir::index_t>) {
      return labels_.data();
    } else {
      for (std::size_t b = 0; b < Batch; ++b) targets_[b] = labels_.data() + b * data_->train.labels_each;
      return targets_;
    }
  }

 private:
  const support::dataset* data_;
  row_list rows_;
  std::size_t each_;
  std::size_t step_ = 0;
  weir::random_bits random_;
  std::vector<Input> x_;
  std::vector<weir::index_t> labels_;
  Target targets_[Batch];
};

}  // namespace fleet
