// EXPECT: weir: Storage needs `void read(size_t offset, bytes into)`
// SPDX-License-Identifier: MIT
#include <weir/policy/storage.hpp>

struct bad {
  size_t size() const { return 64; }
#if !defined(WEIR_EXPECT_ERROR)
  void read(size_t, weir::bytes) {}
#endif
  size_t write(size_t, weir::const_bytes) { return 0; }
  bool done() { return true; }
};
template struct weir::detail::require_storage<bad>;
