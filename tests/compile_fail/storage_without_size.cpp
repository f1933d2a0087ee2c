// EXPECT: weir: Storage needs `size_t size() const`
// SPDX-License-Identifier: MIT
#include <weir/policy/storage.hpp>

struct bad {
#if !defined(WEIR_EXPECT_ERROR)
  size_t size() const { return 64; }
#endif
  void read(size_t, weir::bytes) {}
  size_t write(size_t, weir::const_bytes) { return 0; }
  bool done() { return true; }
};
template struct weir::detail::require_storage<bad>;
