// EXPECT: weir: a block of sequences is 1 to 4,096
// SPDX-License-Identifier: MIT
#include <weir/storage/memory_storage.hpp>
#include <weir/storage/save_counters.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr uint16_t block = 1;
#else
constexpr uint16_t block = 0;
#endif
template class weir::save_counters<weir::memory_storage, block>;
