// EXPECT: weir: Transport needs `size_t receive(bytes into)`
// SPDX-License-Identifier: MIT
#include <weir/policy/transport.hpp>

struct bad {
  size_t mtu() const { return 64; }
  weir::status send(weir::const_bytes) { return weir::status::busy; }
#if !defined(WEIR_EXPECT_ERROR)
  size_t receive(weir::bytes) { return 0; }
#endif
};
template struct weir::detail::require_transport<bad>;
