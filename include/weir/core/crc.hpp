// SPDX-License-Identifier: MIT
#pragma once

#include <weir/core/span.hpp>

namespace weir {
inline namespace WEIR_ABI {

namespace detail {
#if defined(__SIZEOF_INT__) && __SIZEOF_INT__ == 2
// A table would sit in RAM: 8-bit machines shift.
inline uint32_t crc32c_byte(uint32_t crc, uint8_t byte) noexcept {
  crc ^= byte;
  for (uint8_t i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78UL : 0UL);
  return crc;
}
#else
inline uint32_t crc32c_byte(uint32_t crc, uint8_t byte) noexcept {
  static constexpr uint32_t nibble[16] = {0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
                                          0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
                                          0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};
  crc ^= byte;
  crc = (crc >> 4) ^ nibble[crc & 15];
  return (crc >> 4) ^ nibble[crc & 15];
}
#endif
}  // namespace detail

/// CRC-32C (Castagnoli, polynomial 0x1edc6f41 reflected): finds every error of up to 5 bits in frames of up to
/// 655 bytes. `seed` continues an earlier sum: crc32c(b, crc32c(a)) is the sum of a followed by b.
/// crc32c of the nine bytes "123456789" is 0xe3069283.
inline uint32_t crc32c(const_bytes data, uint32_t seed = 0) noexcept {
  uint32_t crc = ~seed;
#if WEIR_HAS_SSE42 && defined(__x86_64__)
  const uint8_t* p = data.begin();
  for (; data.end() - p >= 8; p += 8) {
    uint64_t v;
    __builtin_memcpy(&v, p, 8);
    crc = static_cast<uint32_t>(__builtin_ia32_crc32di(crc, v));
  }
  for (; p != data.end(); ++p) crc = __builtin_ia32_crc32qi(crc, *p);
#else
  for (size_t i = 0; i < data.size(); ++i) crc = detail::crc32c_byte(crc, data[i]);
#endif
  return ~crc;
}

}  // namespace WEIR_ABI
}  // namespace weir
