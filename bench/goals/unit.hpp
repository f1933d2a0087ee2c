// SPDX-License-Identifier: MIT
// What is measured, compiled once for each instruction set; and what it is measured against, by the same flags.
#pragma once

#include <cstddef>
#include <cstdint>

namespace goals {

struct emitted {
  std::size_t bytes;  ///< of the body
  std::size_t hits;
};

/// Who does the segments of a pass: run() has call(task, i) done for each i in [0, count), and waits.
struct hands {
  void (*run)(void* who, std::uint8_t count, void (*call)(const void* task, std::uint8_t i), const void* task);
  void* who;
};

/// Thresholds, each set so that about as many coordinates pass.
enum class rule { fixed_wt, target_density, byte_budget, link_budget, warm_up, clipped_residual };

struct unit {
  const char* kernels;  ///< weir::kernel::native, by name

  /// r += rate * u; u *= keep, as the compiler vectorises it.
  void (*accumulate)(float rate, float keep, float* r, float* u, std::size_t n);
  /// The worker's pass, see pass.hpp. It remembers the last frame, as a gate does.
  emitted (*pass)(float rate, float keep, float wt, float* r, float* u, std::size_t n, std::uint8_t* out,
                  std::size_t room);
  /// The same in two segments.
  emitted (*pass_in_two)(const hands& by, float rate, float keep, float wt, float* r, float* u, std::size_t n,
                         std::uint8_t* out, std::size_t room);
  /// The same under such a rule, for a share of `density`; fixed_wt and clipped_residual have that `wt`. Each rule has a
  /// memory of its own, and has to find its Wt first.
  emitted (*pass_under)(rule by, float density, float rate, float keep, float wt, float* r, float* u, std::size_t n,
                        std::uint8_t* out, std::size_t room);
  /// Forgets the last frames.
  void (*begin)();

  /// The coordinator's way with an update. False: it is malformed.
  bool (*apply)(const std::uint8_t* body, std::size_t size, float* cells, std::size_t n);
  /// The same from indices of 32 bits, the sign in bit 31.
  void (*apply_raw)(const std::uint32_t* coordinates, std::size_t hits, float magnitude, float* cells);
};

#if defined(__x86_64__)
extern const unit avx512;  ///< x86-64-v4 and VBMI2
extern const unit avx2;    ///< x86-64-v3
extern const unit sse2;    ///< the least of x86-64
#else
extern const unit native;
#endif

}  // namespace goals
