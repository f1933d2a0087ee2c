// SPDX-License-Identifier: MIT
// An instruction set is a type. Each tag derives from what it extends: a kernel nobody wrote for avx2 falls back
// to sse2, then to scalar, by ordinary overload resolution. `lanes` is the number of partial sums of a reduction:
// it fixes the order of floating-point additions, so kernels with equal lanes agree to the bit.
#pragma once

#include <weir/config.hpp>

namespace weir {
inline namespace WEIR_ABI {
namespace kernel {

/// One operation at a time: microcontrollers, and the reference for everything else.
struct scalar {
  static constexpr index_t lanes() noexcept { return 1; }
  static constexpr const char* name() noexcept { return "scalar"; }
};
/// The reference with the sixteen partial sums of the vector kernels, in plain C++.
struct lanes16 : scalar {
  static constexpr index_t lanes() noexcept { return 16; }
  static constexpr const char* name() noexcept { return "lanes16"; }
};
struct sse2 : lanes16 {
  static constexpr const char* name() noexcept { return "sse2"; }
};
struct avx2 : sse2 {
  static constexpr const char* name() noexcept { return "avx2"; }
};
/// With VBMI2.
struct avx512 : avx2 {
  static constexpr const char* name() noexcept { return "avx512"; }
};
/// 64-bit ARM.
struct neon : lanes16 {
  static constexpr const char* name() noexcept { return "neon"; }
};
/// Integer kernels in assembly, around the hardware multiplier.
struct avr : scalar {
  static constexpr const char* name() noexcept { return "avr"; }
};

#if defined(WEIR_ISA)
typedef WEIR_ISA native;  // pinned
#elif WEIR_HAS_AVX512
typedef avx512 native;
#elif WEIR_HAS_AVX2
typedef avx2 native;
#elif WEIR_HAS_SSE2
typedef sse2 native;
#elif WEIR_HAS_NEON
typedef neon native;
#elif WEIR_HAS_AVR_MUL
typedef avr native;
#elif defined(__ARM_NEON)
typedef lanes16 native;  // compilers vectorise it
#else
typedef scalar native;
#endif

}  // namespace kernel
}  // namespace WEIR_ABI
}  // namespace weir
