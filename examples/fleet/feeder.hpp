// SPDX-License-Identifier: MIT
// Rows of the data, as samples of the numbers that a device computes with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "shares.hpp"

namespace fleet {

/// Writes an image to x[inputs], scaled to [0, 1].
inline void sample(const support::dataset& data, const support::image_set& from, std::size_t index, float* x) {
  data.scaled(from, index, x);
}
template <class Rep, std::int8_t F>
void sample(const support::dataset& data, const support::image_set& from, std::size_t index, weir::fixed<Rep, F>* x) {
  const std::uint8_t* const p = from.pixels.data() + index * data.inputs;
  for (std::size_t i = 0; i < data.inputs; ++i) x[i] = weir::fixed<Rep, F>(data.unit * static_cast<float>(p[i]));
}

/// Percent of the test rows of which hit(x, label) is true.
template <class Input, class Hit>
double percent_hit(const support::dataset& data, Hit&& hit) {
  std::vector<Input> x(data.inputs);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < data.test.size(); ++i) {
    sample(data, data.test, i, x.data());
    hits += hit(x.data(), data.test.labels[i]) ? 1 : 0;
  }
  return 100.0 * static_cast<double>(hits) / static_cast<double>(data.test.size());
}

/// One worker's way through its rows: batch after batch, reshuffled when an epoch is over.
template <class Input, weir::index_t Batch>
class feeder {
 public:
  feeder(const support::dataset& data, row_list rows, std::uint32_t steps_per_epoch, std::uint32_t seed)
      : data_(&data), rows_(std::move(rows)), each_(steps_per_epoch), random_(seed), x_(Batch * data.inputs) {}

  void next() {
    if (step_ == 0) shuffle(rows_, random_);
    for (std::size_t b = 0; b < Batch; ++b) {
      const std::size_t row = rows_[step_ * Batch + b];
      sample(*data_, data_->train, row, x_.data() + b * data_->inputs);
      labels_[b] = data_->train.labels[row];
    }
    step_ = step_ + 1 == each_ ? 0 : step_ + 1;
  }
  const Input* x() const { return x_.data(); }
  const weir::index_t* labels() const { return labels_; }

 private:
  const support::dataset* data_;
  row_list rows_;
  std::size_t each_;
  std::size_t step_ = 0;
  weir::random_bits random_;
  std::vector<Input> x_;
  weir::index_t labels_[Batch];
};

}  // namespace fleet
