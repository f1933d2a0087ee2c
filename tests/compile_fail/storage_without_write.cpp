// EXPECT: weir: Storage needs `size_t write(size_t offset, const_bytes from)`
// SPDX-License-Identifier: MIT
#include <weir/policy/storage.hpp>

struct bad {
  size_t size() const { return 64; }
  void read(size_t, weir::bytes) {}
#if !defined(WEIR_EXPECT_ERROR)
  size_t write(size_t, weir::const_bytes) { return 0; }
#endif
  bool done() { return true; }
};
template struct weir::detail::require_storage<bad>;
