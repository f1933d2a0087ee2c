// SPDX-License-Identifier: MIT
// How good weights are on the test rows.
#pragma once

#include <cstddef>
#include <vector>

#include "each_step.hpp"
#include "feeder.hpp"

namespace fleet {

struct score {
  double accuracy;  ///< percent of the labels
  double loss;      ///< mean over them, in nats
};

namespace detail {

template <class Loss>
struct judged {
  template <class A>
  static double hits(const A* y, weir::index_t n, const weir::index_t* labels) {
    return Loss::hit(y, n, labels[0]) ? 1 : 0;
  }
  template <class A>
  static double loss(const A* y, weir::index_t n, const weir::index_t* labels) {
    return static_cast<double>(Loss::value(y, n, labels[0]));
  }
};
template <class Loss, weir::index_t Outputs>
struct judged<mean_over_steps<Loss, Outputs>> {
  using all = mean_over_steps<Loss, Outputs>;
  template <class A>
  static double hits(const A* y, weir::index_t n, const weir::index_t* labels) {
    return all::hits(y, n, labels);
  }
  template <class A>
  static double loss(const A* y, weir::index_t n, const weir::index_t* labels) {
    return static_cast<double>(all::value(y, n, labels)) * (n / Outputs);
  }
};

}  // namespace detail

/// Of outputs(x), n numbers for one row.
template <class Input, class Loss, class Outputs>
score score_of(const support::dataset& data, weir::index_t n, Outputs&& outputs) {
  const std::size_t labels_each = data.test.labels_each;
  std::vector<Input> x(data.inputs);
  std::vector<weir::index_t> labels(labels_each);
  score sum = {0, 0};
  for (std::size_t i = 0; i < data.test.size(); ++i) {
    sample(data, data.test, i, x.data());
    std::copy_n(data.test.labels.begin() + static_cast<std::ptrdiff_t>(i * labels_each), labels_each, labels.begin());
    const auto* const y = outputs(static_cast<const Input*>(x.data()));
    sum.accuracy += detail::judged<Loss>::hits(y, n, labels.data());
    sum.loss += detail::judged<Loss>::loss(y, n, labels.data());
  }
  const double all = static_cast<double>(data.test.labels.size());
  return {100.0 * sum.accuracy / all, sum.loss / all};
}

}  // namespace fleet
