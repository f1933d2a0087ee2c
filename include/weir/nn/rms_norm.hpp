// SPDX-License-Identifier: MIT
#pragma once

#include <weir/nn/norm_rows.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// Zhang and Sennrich, NeurIPS 2019: brings each sample's last `Axes` axes together to a root mean square of 1, then
/// multiplies each of their elements by a gain. Half of layer_norm's weights, and no mean to take. Weights: gains.
template <index_t Axes = 1>
struct rms_norm {
  template <class In>
  struct on : detail::norm_rows<In, 1, detail::inner_axes<Axes, In>::type::size(), 1, false> {
    static constexpr uint32_t fingerprint() noexcept { return mix(name_id("rms_norm"), Axes); }
    template <class Visitor>
    static void describe(Visitor& v) {
      v.array("weight", typename detail::inner_axes<Axes, In>::type());
    }
  };
};

}  // namespace WEIR_ABI
}  // namespace weir
