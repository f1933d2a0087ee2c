// EXPECT: weir: this transport works in its caller's buffers, which a coordinator's lines share
// SPDX-License-Identifier: MIT
#include <weir/transport/buffered.hpp>
#include <weir/transport/byte_stream.hpp>
#include <weir/transport/star.hpp>

struct port {
  int read() { return -1; }
  bool write(uint8_t) { return false; }
};
#if !defined(WEIR_EXPECT_ERROR)
typedef weir::buffered<weir::byte_stream<port>, 64> line;
#else
typedef weir::byte_stream<port> line;
#endif
template class weir::star<line>;
