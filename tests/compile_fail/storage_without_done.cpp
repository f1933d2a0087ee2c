// EXPECT: weir: Storage needs `bool done()`
// SPDX-License-Identifier: MIT
#include <weir/policy/storage.hpp>

struct bad {
  size_t size() const { return 64; }
  void read(size_t, weir::bytes) {}
  size_t write(size_t, weir::const_bytes) { return 0; }
#if !defined(WEIR_EXPECT_ERROR)
  bool done() { return true; }
#endif
};
template struct weir::detail::require_storage<bad>;
