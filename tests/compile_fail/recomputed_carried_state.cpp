// EXPECT: weir: layers that carry state from one batch to the next cannot be recomputed
// SPDX-License-Identifier: MIT
#include <weir/nn/activation.hpp>
#include <weir/nn/recomputed.hpp>

/// A layer with a memory of the last batch.
template <weir::index_t Carried>
struct keeper {
  template <class In>
  struct on : weir::relu::on<In> {
    template <class A>
    static constexpr weir::index_t carried(weir::index_t batch) {
      return Carried * batch;
    }
  };
};
#if !defined(WEIR_EXPECT_ERROR)
typedef weir::recomputed<keeper<0>> layer;
#else
typedef weir::recomputed<keeper<1>> layer;
#endif
template struct weir::detail::require_layer<layer, weir::shape<4>>;
