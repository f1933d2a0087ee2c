// EXPECT: weir: Transport needs `status send(const_bytes datagram)`
// SPDX-License-Identifier: MIT
#include <weir/policy/transport.hpp>

struct bad {
  size_t mtu() const { return 64; }
#if !defined(WEIR_EXPECT_ERROR)
  weir::status send(weir::const_bytes) { return weir::status::busy; }
#endif
  size_t receive(weir::bytes) { return 0; }
};
template struct weir::detail::require_transport<bad>;
