// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/norm_rows.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Ba, Kiros and Hinton, 2016: brings each sample's last `Axes` axes together to mean 0 and deviation 1, then multiplies each
/// of their elements by a gain and adds a bias. On shape<T, F> that is each time step by itself; layer_norm<3> takes a whole
/// shape<C, H, W>. PyTorch's LayerNorm, where these axes are the normalized_shape. Weights: gains, then biases.
template <index_t Axes = 1>
struct layer_norm {
  template <class In>
  struct on : detail::norm_rows<In, 1, detail::inner_axes<Axes, In>::type::size(), 1, true> {
    static_assert(detail::inner_axes<Axes, In>::type::size() > 1,
                  "weir: layer_norm needs at least two numbers to normalize: of one, nothing is left");
    static constexpr uint32_t fingerprint() noexcept { return mix(name_id("layer_norm"), Axes); }
    template <class Visitor>
    static void describe(Visitor& v) {
      v.array("weight", typename detail::inner_axes<Axes, In>::type());
      v.array("bias", typename detail::inner_axes<Axes, In>::type());
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
