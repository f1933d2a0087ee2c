// SPDX-License-Identifier: MIT
// What the compiler offers, as macros that are always 0 or 1, and the namespace that records it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <weir/version.hpp>

#if __cplusplus < 201103L
#  error "weir needs C++11 or later"
#endif

#if defined(__cpp_concepts) && __cpp_concepts >= 201907L
#  define WEIR_HAS_CONCEPTS 1
#else
#  define WEIR_HAS_CONCEPTS 0
#endif

#if defined(ARDUINO)  // an Arduino core builds this: there is an Arduino.h
#  define WEIR_ARDUINO 1
#else
#  define WEIR_ARDUINO 0
#endif

#if defined(__SSE2__)
#  define WEIR_HAS_SSE2 1
#else
#  define WEIR_HAS_SSE2 0
#endif

#if defined(__SSE4_2__)
#  define WEIR_HAS_SSE42 1
#else
#  define WEIR_HAS_SSE42 0
#endif

#if defined(__AVX2__)
#  define WEIR_HAS_AVX2 1
#else
#  define WEIR_HAS_AVX2 0
#endif

#if defined(__AVX512VBMI2__)  // from Ice Lake and Zen 4 on; older ones lower their clock for wide vectors: AVX2 serves them
#  define WEIR_HAS_AVX512 1
#else
#  define WEIR_HAS_AVX512 0
#endif

// One instruction for a * b + c, rounded once.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
#  define WEIR_HAS_FMA 1
#else
#  define WEIR_HAS_FMA 0
#endif

// 64-bit ARM, little-endian. The NEON of 32-bit ARM flushes subnormal numbers to zero: it cannot agree to the bit.
#if defined(__aarch64__) && defined(__ARM_NEON) && !defined(__AARCH64EB__)
#  define WEIR_HAS_NEON 1
#else
#  define WEIR_HAS_NEON 0
#endif

#if defined(__AVR_HAVE_MUL__)  // an AVR with a hardware multiplier: all but the smallest
#  define WEIR_HAS_AVR_MUL 1
#else
#  define WEIR_HAS_AVR_MUL 0
#endif

// The namespace of everything: weir::v0_1_avx2_fma, say. Units built for different machines, or with different
// options, get different symbols, so the linker cannot merge an AVX-512 copy of a function into a program
// that was meant for an older processor. Every macro that changes code adds a word here.
#if defined(__AVX512VBMI2__)
#  define WEIR_ABI_MACHINE avx512vbmi2
#elif defined(__AVX512F__)
#  define WEIR_ABI_MACHINE avx512
#elif defined(__AVX2__)
#  define WEIR_ABI_MACHINE avx2
#elif defined(__AVX__)
#  define WEIR_ABI_MACHINE avx
#elif defined(__SSE4_2__)
#  define WEIR_ABI_MACHINE sse42
#elif defined(__SSE2__)
#  define WEIR_ABI_MACHINE sse2
#elif defined(__ARM_NEON)
#  define WEIR_ABI_MACHINE neon
#elif defined(__AVR__)
#  define WEIR_ABI_MACHINE avr
#else
#  define WEIR_ABI_MACHINE generic
#endif

#define WEIR_ABI_JOIN4_(a, b, c, d) v##a##_##b##_##c##d
#define WEIR_ABI_JOIN4(a, b, c, d) WEIR_ABI_JOIN4_(a, b, c, d)
#define WEIR_ABI_JOIN2_(a, b) a##_##b
#define WEIR_ABI_JOIN2(a, b) WEIR_ABI_JOIN2_(a, b)

#if WEIR_HAS_FMA
#  define WEIR_ABI_BASE WEIR_ABI_JOIN4(WEIR_VERSION_MAJOR, WEIR_VERSION_MINOR, WEIR_ABI_MACHINE, _fma)
#else
#  define WEIR_ABI_BASE WEIR_ABI_JOIN4(WEIR_VERSION_MAJOR, WEIR_VERSION_MINOR, WEIR_ABI_MACHINE, )
#endif

// -DWEIR_ISA=scalar|lanes16|sse2|avx2|avx512|neon|avr pins the kernels (weir/kernel/isa.hpp); by default the best that the
// compiler may emit.
#if defined(WEIR_ISA)
#  define WEIR_ABI WEIR_ABI_JOIN2(WEIR_ABI_BASE, WEIR_ISA)
#else
#  define WEIR_ABI WEIR_ABI_BASE
#endif

#define WEIR_STRING_(x) #x
#define WEIR_STRING(x) WEIR_STRING_(x)
#define WEIR_ABI_NAME WEIR_STRING(WEIR_ABI)

namespace weir {
inline namespace WEIR_ABI {

/// Counts weights and elements: 16 bits where pointers have 16, else 32. The wire never depends on it.
#if defined(__SIZEOF_POINTER__) && __SIZEOF_POINTER__ == 2
typedef uint16_t index_t;
#else
typedef uint32_t index_t;
#endif

}  // namespace WEIR_ABI
}  // namespace weir
