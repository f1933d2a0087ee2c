// SPDX-License-Identifier: MIT
// The sink that the library avoids: a buffer with one float for each weight.
#pragma once

#include <vector>
#include <weir/core/number.hpp>

namespace test_support {

struct gradient_buffer {
  std::vector<float> g;

  explicit gradient_buffer(size_t n) : g(n, 0.0f) {}

  template <class Scale, class Row>
  void add(weir::index_t offset, Scale scale, const Row* row, weir::index_t n) {
    for (weir::index_t i = 0; i < n; ++i) g.at(offset + i) += weir::to_float(scale) * weir::to_float(row[i]);
  }
  template <class Row>
  void add(weir::index_t offset, const Row* row, weir::index_t n) {
    for (weir::index_t i = 0; i < n; ++i) g.at(offset + i) += weir::to_float(row[i]);
  }
};

}  // namespace test_support
