// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/fingerprint.hpp>
#include <weir/core/meta.hpp>

namespace weir {
inline namespace WEIR_ABI {

/// The extents of one sample, outermost first: shape<64>, shape<1, 28, 28>.
template <index_t... Extents>
struct shape;

template <>
struct shape<> {
  static constexpr index_t rank() noexcept { return 0; }
  static constexpr index_t size() noexcept { return 1; }
  static constexpr uint32_t fingerprint(uint32_t so_far = 0) noexcept { return so_far; }
};

template <index_t First, index_t... Rest>
struct shape<First, Rest...> {
  static_assert(First > 0, "weir: every extent of a shape must be at least 1");
  static_assert(static_cast<uint64_t>(First) * shape<Rest...>::size() <= static_cast<index_t>(-1),
                "weir: this shape has more elements than index_t can count on this machine");
  static constexpr index_t rank() noexcept { return static_cast<index_t>(1 + shape<Rest...>::rank()); }
  static constexpr index_t size() noexcept { return static_cast<index_t>(First * shape<Rest...>::size()); }
  static constexpr uint32_t fingerprint(uint32_t so_far = 0) noexcept {
    return shape<Rest...>::fingerprint(mix(so_far, First));
  }
};

}  // namespace WEIR_ABI
}  // namespace weir
