// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/meta.hpp>
#include <weir/kernel/largest.hpp>
#include <weir/policy/loss.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace detail {

/// What a node that can compute outputs(x) of one sample can say about it. Empty: it takes no room in Node.
template <class Node, class Model, class Loss, class Weight>
class inference : private require_loss<Loss> {
 public:
  typedef typename Loss::template target<Weight> target;

  /// The index of the largest output for one sample.
  template <class X>
  index_t predict(const X* x) noexcept {
    return kernel::largest(node().outputs(x), Model::outputs());
  }
  template <class X>
  float loss(const X* x, target t) noexcept {
    return Loss::value(node().outputs(x), Model::outputs(), t);
  }
  template <class X>
  bool hit(const X* x, target t) noexcept {
    return Loss::hit(node().outputs(x), Model::outputs(), t);
  }

 private:
  Node& node() noexcept { return static_cast<Node&>(*this); }
};

}  // namespace detail
}  // namespace WEIR_ABI
}  // namespace weir
