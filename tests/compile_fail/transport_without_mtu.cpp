// EXPECT: weir: Transport needs `size_t mtu() const`
// SPDX-License-Identifier: MIT
#include <weir/policy/transport.hpp>

struct bad {
#if !defined(WEIR_EXPECT_ERROR)
  size_t mtu() const { return 64; }
#endif
  weir::status send(weir::const_bytes) { return weir::status::busy; }
  size_t receive(weir::bytes) { return 0; }
};
template struct weir::detail::require_transport<bad>;
