// EXPECT: weir: a record has one slot or two
// SPDX-License-Identifier: MIT
#include <weir/storage/slots.hpp>

#if !defined(WEIR_EXPECT_ERROR)
constexpr uint8_t copies = 2;
#else
constexpr uint8_t copies = 3;
#endif
template class weir::slots<copies>;
