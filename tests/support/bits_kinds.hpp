// SPDX-License-Identifier: MIT
// The three kinds of bit streams, whichever this machine has as its own.
#pragma once

#include <weir/core/bits.hpp>

namespace test_support {

struct bits8 {
  typedef weir::detail::bit_writer8 writer;
  typedef weir::detail::bit_reader8 reader;
};
struct bits32 {
  typedef weir::detail::bit_writer32 writer;
  typedef weir::detail::bit_reader32 reader;
};
struct bits64 {
  typedef weir::detail::bit_writer64 writer;
  typedef weir::detail::bit_reader64 reader;
};

}  // namespace test_support
